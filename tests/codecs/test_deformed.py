"""The codec that moves its samples: map, grid and picture, there and back, and damage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs import level_map, registry
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.bitstream import HEADER_BYTES
from viewer.codecs.deformed import Deformed
from viewer.errors import CodecError, SamplingError
from viewer.networks.downsampler import Downsampler, DownsamplerShape, save_downsampler
from viewer.sampling import trained
from viewer.sampling.density import grid_of_density
from viewer.sampling.fixed_grid import LEVELS, NODES, grid_of_levels, quantised
from viewer.sampling.grid import check_grid

SETTINGS = settings(deadline=None, max_examples=15)


@pytest.fixture
def codec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deformed:
    """The codec over untrained networks: what it promises does not depend on their training."""
    torch.manual_seed(4)
    path = tmp_path / "learned-128-0.safetensors"
    shape = DownsamplerShape("learned", 128, ("background", "target"), view=64)
    save_downsampler(path, Downsampler(shape), {})
    monkeypatch.setattr(trained, "shipped_path", lambda *_: path)
    return Deformed()


def chest(rows: int, columns: int, bits: int) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    wave = 0.5 + 0.3 * np.sin(x / 17.0) * np.cos(y / 23.0) + 0.15 * ((x // 30 + y // 40) % 2)
    return np.rint(wave * ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)


@SETTINGS
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 16), st.integers(0, 2**32 - 1))
def test_maps_come_back(rows: int, columns: int, spread: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    levels = np.clip(rng.normal(5, spread, (rows, columns)), 0, 15).astype(np.uint8)
    assert np.array_equal(level_map.decode(level_map.encode(levels), rows, columns), levels)


def test_a_smooth_map_takes_a_few_hundred_bytes() -> None:
    y, x = np.mgrid[:NODES, :NODES] / NODES
    levels = quantised(np.exp(4 * np.sin(5 * x) * np.cos(4 * y)))
    assert 50 < len(level_map.encode(levels)) < 400


@SETTINGS
@given(st.binary(max_size=600))
def test_any_bytes_are_some_map(data: bytes) -> None:
    levels = level_map.decode(data, NODES, NODES)
    assert int(levels.max()) < LEVELS


@SETTINGS
@given(st.integers(2, 70), st.integers(2, 70), st.integers(16, 255), st.integers(0, 2**32 - 1))
def test_every_map_gives_a_grid(rows: int, columns: int, width: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, LEVELS, (NODES, NODES)).astype(np.uint8)
    check_grid(grid_of_levels(levels, (rows, columns), width))


def test_the_grid_in_whole_numbers_is_near_that_in_reals() -> None:
    y, x = np.mgrid[:NODES, :NODES] / NODES
    levels = quantised(np.exp(3 * np.sin(5 * x) * np.cos(4 * y)))
    density = 2.0 ** (levels / 2.0)
    reals = grid_of_density(density, (90, 70), 40 / 256)
    # The real one is floored once more.
    assert np.abs(grid_of_levels(levels, (90, 70), 40) - reals).max() < 0.02


def test_the_grid_is_the_one_that_was_written_down() -> None:
    """Decoders of all computers and versions must agree: the hash is part of the format."""
    levels = (np.arange(NODES * NODES).reshape(NODES, NODES) * 7 % 13).astype(np.uint8)
    grid = grid_of_levels(levels, (61, 47), 33)
    digest = hashlib.sha256(np.ascontiguousarray(grid, "<f8").tobytes()).hexdigest()
    assert digest == "cd758669def9a4ceeaa2e8153b7f35dfbe7ca936044d6dcaaf70846ca18b6099"


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("kind", ["bpp", "ratio", "quality"])
def test_there_and_back(codec: Deformed, bits: int, kind: str) -> None:
    pixels = chest(300, 260, bits)
    value = {"bpp": 0.6, "ratio": 20.0, "quality": 70.0}[kind]
    encoded = codec.encode(pixels, PixelFormat(bits, False), Target(kind, value))
    decoded = codec.decode(encoded.data)
    assert decoded.pixels.shape == pixels.shape
    assert decoded.pixels.dtype == pixels.dtype
    assert decoded.pixel_format == PixelFormat(bits, False)
    error = np.abs(decoded.pixels.astype(float) - pixels).mean() / ((1 << bits) - 1)
    assert error < 0.06
    if kind == "bpp":
        assert 8 * len(encoded.data) / pixels.size == pytest.approx(0.6, rel=0.08)
    again = codec.decode(encoded.data)
    assert np.array_equal(again.pixels, decoded.pixels)
    assert codec.recognises(encoded.data)
    assert registry.recognise(encoded.data).info.name == "deformed"


def test_signed_and_constant_and_tiny_pictures(codec: Deformed) -> None:
    signed = (chest(120, 90, 12).astype(np.int32) - 2048).astype(np.int16)
    encoded = codec.encode(signed, PixelFormat(12, True), Target("bpp", 1.0))
    assert codec.decode(encoded.data).pixels.dtype == np.int16
    constant = np.full((40, 30), 7, np.uint8)
    encoded = codec.encode(constant, PixelFormat(8, False), Target("bpp", 0.5))
    assert np.array_equal(codec.decode(encoded.data).pixels, constant)
    for shape in ((1, 1), (1, 50), (50, 1), (3, 5), (9, 9)):
        pixels = (np.arange(np.prod(shape)).reshape(shape) % 251).astype(np.uint8)
        data = codec.encode(pixels, PixelFormat(8, False), Target("bpp", 8.0)).data
        assert codec.decode(data).pixels.shape == shape


def test_colour_goes_channel_by_channel(codec: Deformed) -> None:
    pixels = np.stack([chest(90, 80, 8), chest(90, 80, 8)[::-1], chest(90, 80, 8)], axis=2)
    data = codec.encode(pixels, PixelFormat(8, False), Target("bpp", 6.0)).data
    assert codec.recognises(data)
    assert codec.decode(data).pixels.shape == pixels.shape


def test_decoding_needs_no_network(codec: Deformed, monkeypatch: pytest.MonkeyPatch) -> None:
    data = codec.encode(chest(80, 80, 8), PixelFormat(8, False), Target("bpp", 1.0)).data
    monkeypatch.setattr(trained, "shipped_path", lambda *_: Path("nowhere"))
    assert codec.decode(data).pixels.shape == (80, 80)
    assert codec.weights() == ()
    assert "missing" in codec.unavailable()


def test_damage_is_named(codec: Deformed) -> None:
    data = codec.encode(chest(80, 80, 8), PixelFormat(8, False), Target("bpp", 1.0)).data
    for length in (3, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 5, len(data) - 1):
        with pytest.raises(CodecError):
            codec.decode(data[:length])
    for place in range(0, len(data), 37):
        broken = bytearray(data)
        broken[place] ^= 0x55
        with pytest.raises(CodecError):
            codec.decode(bytes(broken))


def test_impossible_maps_are_refused() -> None:
    from viewer.codecs.deformed_payload import Deformation, unpack

    levels = np.zeros((NODES, NODES), np.uint8)
    for rows, width in ((1, 40), (5000, 40), (40, 3)):
        with pytest.raises(CodecError):
            Deformation(rows, 40, width, levels).grid()
    for payload in (b"", b"\x08\0\x08\0\x28\x09\0\0", b"\x08\0\x08\0\x28\0\xff\xff"):
        with pytest.raises(CodecError):
            unpack(payload)
    with pytest.raises(SamplingError):
        grid_of_levels(levels + 16, (8, 8), 40)


@pytest.mark.parametrize(
    ("pixels", "target"),
    [
        (np.zeros((8, 8), np.uint8), Target("psnr", 40)),
        (np.zeros((8, 8), np.uint8), Target("lossless")),
        (np.zeros((8, 8), np.uint8), Target("bpp", 0)),
        (np.zeros((8, 8), np.uint8), Target("quality", 101)),
        (np.full((8, 8), 300, np.uint16), Target("bpp", 1)),
        (np.zeros((0, 8), np.uint8), Target("bpp", 1)),
        (np.zeros((8, 8), np.uint32), Target("bpp", 1)),
        (np.zeros((8, 8), np.int16), Target("bpp", 1)),
    ],
)
def test_what_cannot_be_coded_is_refused(
    codec: Deformed, pixels: np.ndarray, target: Target
) -> None:
    with pytest.raises(CodecError):
        codec.encode(pixels, PixelFormat(8, False), target)

"""The dense codec with any weights: every picture, target and fault."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codecs.dense.conftest import save_models
from tests.codecs.recurrent.test_codec import picture
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.bitstream import HEADER_BYTES, pack, unpack
from viewer.codecs.dense.codec import SIZES, Dense
from viewer.errors import Cancelled, CodecError, ModelError
from viewer.networks.dense import CODE_SIZES
from viewer.progress import CancelToken

BEST = Target("quality", 100)


def test_its_codes_are_those_of_the_network() -> None:
    assert SIZES == CODE_SIZES
    assert tuple(Dense.info.quality_steps) == SIZES


@given(
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    bits=st.integers(1, 16),
    signed=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_any_shape_and_depth(
    folder: Path, rows: int, columns: int, bits: int, signed: bool
) -> None:
    codec = Dense(folder)
    pixels = picture(rows, columns, bits, signed)
    before = pixels.copy()
    form = PixelFormat(bits, signed)
    decoded = codec.decode(codec.encode(pixels, form, BEST).data)
    np.testing.assert_array_equal(pixels, before)
    assert (decoded.pixels.shape, decoded.pixels.dtype) == (pixels.shape, pixels.dtype)
    assert decoded.pixel_format == form
    assert decoded.pixels.min() >= pixels.min()
    assert decoded.pixels.max() <= pixels.max()


def test_a_constant_picture_is_exact_and_tiny(folder: Path) -> None:
    codec = Dense(folder)
    pixels = np.full((70, 50), 9, np.uint16)
    encoded = codec.encode(pixels, PixelFormat(12), BEST)
    assert len(encoded.data) == HEADER_BYTES
    np.testing.assert_array_equal(codec.decode(encoded.data).pixels, pixels)


def test_each_quality_is_a_length_of_code(folder: Path) -> None:
    codec = Dense(folder)
    pixels, form = picture(112, 112, 8), PixelFormat(8)
    sizes = []
    for number, size in enumerate(SIZES, 1):
        encoded = codec.encode(pixels, form, Target("quality", 25 * number))
        assert unpack(encoded.data, "dense")[0].rate == size
        assert encoded.model.startswith(f"dense-{size} ")
        sizes.append(len(encoded.data))
    assert sizes == sorted(sizes)
    for number, length in enumerate(sizes):
        exact = codec.encode(pixels, form, Target("bpp", 8 * length / pixels.size))
        assert unpack(exact.data, "dense")[0].rate == SIZES[number]
        assert exact.notice == ""
    assert "shortest code" in codec.encode(pixels, form, Target("bpp", 0.001)).notice
    assert "longest code" in codec.encode(pixels, form, Target("ratio", 1.1)).notice


def test_colour_goes_channel_by_channel(folder: Path) -> None:
    codec = Dense(folder)
    pixels = np.stack([picture(20, 30, 8, seed=n) for n in range(3)], axis=-1)
    encoded = codec.encode(pixels, PixelFormat(8), BEST)
    assert codec.recognises(encoded.data)
    assert codec.decode(encoded.data).pixels.shape == (20, 30, 3)


@pytest.mark.parametrize(
    "target",
    [
        Target("lossless"),
        Target("psnr", 40),
        Target("ratio", 0),
        Target("bpp", float("nan")),
        Target("quality", 101),
    ],
)
def test_targets_it_cannot_meet(folder: Path, target: Target) -> None:
    with pytest.raises(CodecError):
        Dense(folder).encode(picture(16, 16, 8), PixelFormat(8), target)


def test_damaged_streams_end_in_a_sentence(folder: Path) -> None:
    codec = Dense(folder)
    pixels = picture(60, 90, 12)
    data = codec.encode(pixels, PixelFormat(12), BEST).data
    rng = np.random.default_rng(0)
    for length in (*range(0, HEADER_BYTES + 9, 7), len(data) - 1):
        with pytest.raises(CodecError):
            codec.decode(data[:length])
    header, payload = unpack(data, "dense")
    for _ in range(60):
        body = bytearray(payload)
        body[int(rng.integers(len(body)))] ^= int(rng.integers(1, 256))
        try:
            found = codec.decode(pack(header, bytes(body))).pixels
        except CodecError:
            continue
        assert found.shape == pixels.shape
    for changed, body in (
        (replace(header, rate=22), payload),
        (replace(header, rows=61 * 28), payload),
        (header, b""),
        (header, payload + bytes(64)),
    ):
        with pytest.raises(CodecError):
            codec.decode(pack(changed, body))


def test_models_that_cannot_be_used(folder: Path, tmp_path: Path) -> None:
    pixels = picture(30, 30, 8)
    data = Dense(folder).encode(pixels, PixelFormat(8), BEST).data
    other = Dense(save_models(tmp_path / "other", seed=1))
    with pytest.raises(ModelError, match="which is not here"):
        other.decode(data)
    lacking = tmp_path / "lacking"
    shutil.copytree(folder, lacking)
    (lacking / "encoder-36.safetensors").unlink()
    assert "encoder-36" in Dense(lacking).unavailable()
    assert Dense(folder).unavailable() == ""
    (lacking / "decoder-64.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError):
        Dense(lacking).encode(pixels, PixelFormat(8), BEST)
    (lacking / "decoder-50.safetensors").write_bytes(
        (folder / "encoder-50.safetensors").read_bytes()
    )
    with pytest.raises(ModelError, match="not those of the network"):
        Dense(lacking).encode(pixels, PixelFormat(8), Target("quality", 75))


def test_a_cancelled_coding_stops(folder: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Dense(folder).encode(picture(30, 30, 8), PixelFormat(8), BEST, cancel=token)

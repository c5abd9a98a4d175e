"""What goes in comes out: every depth, sign, shape and colour, and what other readers see."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.codecs.jpeg2000.pictures import LOSSLESS, fast_psnr, independent_psnr, pictures, textured
from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.jpeg2000 import Jpeg2000


@settings(max_examples=120, deadline=None)
@given(pictures())
def test_lossless_gives_back_every_picture(case: tuple[NDArray, PixelFormat]) -> None:
    pixels, fmt = case
    before = pixels.copy()
    codec = Jpeg2000()
    encoded = codec.encode(pixels, fmt, LOSSLESS)
    decoded = codec.decode(encoded.data)
    assert np.array_equal(pixels, before)
    assert decoded.pixels.dtype == pixels.dtype
    assert decoded.pixels.shape == pixels.shape
    assert np.array_equal(decoded.pixels, pixels)
    assert decoded.pixel_format == fmt
    assert encoded.notice == ""


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("shape", [(64, 64, 3), (100, 120, 3), (64, 64)])
def test_noise_of_one_bit_fits(shape: tuple[int, ...], share: float) -> None:
    """Transformed it is longer than OpenJPEG makes room for."""
    pixels = (np.random.default_rng(3).random(shape) < share).astype(np.uint8)
    codec = Jpeg2000()
    data = codec.encode(pixels, PixelFormat(1), LOSSLESS).data
    assert np.array_equal(codec.decode(data).pixels, pixels)


@settings(max_examples=60, deadline=None)
@given(pictures(), st.sampled_from(["ratio", "bpp", "psnr", "quality"]), st.floats(0.5, 100))
def test_lossy_stays_within_the_format(
    case: tuple[NDArray, PixelFormat], kind: str, value: float
) -> None:
    pixels, fmt = case
    codec = Jpeg2000()
    encoded = codec.encode(pixels, fmt, Target(kind, value))
    decoded = codec.decode(encoded.data)
    assert decoded.pixels.dtype == pixels.dtype
    assert decoded.pixels.shape == pixels.shape
    assert decoded.pixel_format == fmt
    assert decoded.pixels.min() >= fmt.minimum
    assert decoded.pixels.max() <= fmt.minimum + fmt.peak
    if kind == "psnr":
        assert independent_psnr(pixels, decoded.pixels, fmt.peak) >= value - 0.1


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_codestream_says_the_stored_depth_and_sign(bits: int, signed: bool) -> None:
    fmt = PixelFormat(bits, signed)
    pixels = textured(40, 50, fmt, "int16" if signed else "uint16")
    data = Jpeg2000().encode(pixels, fmt, Target("ratio", 8)).data
    start = data.index(b"\xff\x4f\xff\x51")
    width, height = struct.unpack_from(">II", data, start + 8)
    assert (height, width) == (40, 50)
    depth, across, down = data[start + 42 : start + 45]
    assert (depth & 0x7F) + 1 == bits
    assert bool(depth >> 7) == signed
    assert (across, down) == (1, 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (31, 33), (5, 4, 3)])
@pytest.mark.parametrize("kind", ["ratio", "psnr", "lossless"])
def test_tiny_pictures(shape: tuple[int, ...], kind: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 4096, shape).astype(np.uint16)
    codec = Jpeg2000()
    decoded = codec.decode(codec.encode(pixels, PixelFormat(12), Target(kind, 20)).data)
    assert decoded.pixels.shape == shape


def test_other_readers_open_the_bitstream(rg1: NDArray) -> None:
    part = np.ascontiguousarray(rg1[:300, :400])
    codec = Jpeg2000()
    data = codec.encode(part, PixelFormat(15), LOSSLESS).data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (400, 300)
        picture.load()
    soft = textured(120, 130, PixelFormat(8), "uint8")
    data = codec.encode(soft, PixelFormat(8), Target("ratio", 20)).data
    with Image.open(io.BytesIO(data)) as picture:
        assert np.array_equal(np.asarray(picture), codec.decode(data).pixels)
    colour = np.random.default_rng(0).integers(0, 256, (50, 60, 3)).astype(np.uint8)
    data = codec.encode(colour, PixelFormat(8), LOSSLESS).data
    with Image.open(io.BytesIO(data)) as picture:
        assert np.array_equal(np.asarray(picture), colour)


def test_colour_by_rate() -> None:
    planes = [textured(180, 200, PixelFormat(8), "uint8", seed) for seed in range(3)]
    pixels = np.stack(planes, axis=-1)
    codec = Jpeg2000()
    encoded = codec.encode(pixels, PixelFormat(8), Target("ratio", 12))
    assert abs(len(encoded.data) / (pixels.size / 12) - 1) <= 0.02
    assert fast_psnr(pixels, codec.decode(encoded.data).pixels, 255) > 40


def test_what_it_says_of_itself() -> None:
    codec = registry.get("jpeg2000")
    assert codec.info.name == "jpeg2000"
    wanted = {"ratio", "bpp", "psnr", "quality", "max_error", "lossless"}
    assert set(codec.info.targets) == wanted
    assert codec.info.normative
    assert not codec.info.learned
    assert len(codec.info.dicom_method) <= 16
    assert codec.unavailable() == ""
    data = codec.encode(np.zeros((3, 3), np.uint8), PixelFormat(8), LOSSLESS).data
    assert registry.recognise(data) is codec

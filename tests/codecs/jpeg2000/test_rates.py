"""Rates, PSNRs and qualities are met, on made and on real radiographs."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codecs.jpeg2000.pictures import LOSSLESS, fast_psnr, independent_psnr, textured
from viewer.codecs import openjpeg, registry
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.jpeg2000 import Jpeg2000, ratio_of_quality


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_psnr_counts_with_the_stored_peak(bits: int, signed: bool) -> None:
    """A peak of 65535 for whatever is in uint16 would be 36 dB off at 10 bits."""
    fmt = PixelFormat(bits, signed)
    pixels = textured(200, 240, fmt, "int16" if signed else "uint16", seed=bits)
    codec = Jpeg2000()
    for wanted in (38.0, 46.0):
        encoded = codec.encode(pixels, fmt, Target("psnr", wanted))
        got = independent_psnr(pixels, codec.decode(encoded.data).pixels, fmt.peak)
        assert wanted - 0.1 <= got <= wanted + 0.5
        assert encoded.notice == ""


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_psnr_beyond_the_lossy_wavelet_ends_lossless(bits: int) -> None:
    fmt = PixelFormat(bits)
    pixels = textured(128, 128, fmt, "uint8" if bits == 8 else "uint16")
    codec = Jpeg2000()
    for wanted in (6 * bits + 8, 6 * bits + 14, 140):
        encoded = codec.encode(pixels, fmt, Target("psnr", wanted))
        got = fast_psnr(pixels, codec.decode(encoded.data).pixels, fmt.peak)
        assert got >= wanted - 0.1
    assert math.isinf(got)
    assert "without loss" in encoded.notice


@pytest.mark.parametrize("ratio", [6.0, 18.0, 60.0])
def test_rates_of_a_real_15_bit_radiograph(rg1: NDArray, ratio: float) -> None:
    codec, fmt = registry.get("jpeg2000"), PixelFormat(15)
    encoded = codec.encode(rg1, fmt, Target("ratio", ratio))
    wanted = rg1.size * 15 / 8 / ratio
    assert abs(len(encoded.data) / wanted - 1) <= 0.02
    assert encoded.notice == ""


def test_figures_of_a_real_15_bit_radiograph(rg1: NDArray) -> None:
    """48.9 dB at 0.475 bpp and 53.9 at 1.45 were measured with OpenJPEG's own tools."""
    codec, fmt = registry.get("jpeg2000"), PixelFormat(15)
    for bpp, least in ((0.475, 48.8), (1.45, 53.8)):
        encoded = codec.encode(rg1, fmt, Target("bpp", bpp))
        assert len(encoded.data) * 8 / rg1.size == pytest.approx(bpp, rel=0.02)
        assert fast_psnr(rg1, codec.decode(encoded.data).pixels, fmt.peak) >= least


def test_rates_of_real_chest_radiographs(chests: list[NDArray]) -> None:
    codec, fmt = Jpeg2000(), PixelFormat(8)
    for pixels in chests:
        sizes = []
        for ratio in (8.0, 24.0, 48.0):
            encoded = codec.encode(pixels, fmt, Target("ratio", ratio))
            sizes.append(len(encoded.data))
            assert abs(sizes[-1] / (pixels.size / ratio) - 1) <= 0.02
        same = codec.encode(pixels, fmt, Target("bpp", 8 / 24))
        assert same.data == codec.encode(pixels, fmt, Target("ratio", 24)).data


def test_psnr_of_real_chest_radiographs(chests: list[NDArray]) -> None:
    codec, fmt = Jpeg2000(), PixelFormat(8)
    for pixels in chests:
        for wanted in (42.0, 51.0):
            encoded = codec.encode(pixels, fmt, Target("psnr", wanted))
            got = fast_psnr(pixels, codec.decode(encoded.data).pixels, 255)
            assert wanted - 0.1 <= got <= wanted + 0.4


def test_quality_is_monotonic(chests: list[NDArray]) -> None:
    codec, fmt, pixels = Jpeg2000(), PixelFormat(8), chests[0]
    sizes, figures = [], []
    for quality in (0, 30, 55, 80, 100):
        encoded = codec.encode(pixels, fmt, Target("quality", quality))
        sizes.append(len(encoded.data))
        figures.append(fast_psnr(pixels, codec.decode(encoded.data).pixels, 255))
    assert all(a < b or b == sizes[-1] for a, b in pairwise(sizes))
    assert all(a < b or math.isinf(b) for a, b in pairwise(figures))
    assert [round(ratio_of_quality(q)) for q in (0, 50, 100)] == [200, 20, 2]


def test_ratio_that_cannot_be_filled_is_lossless_and_said() -> None:
    fmt = PixelFormat(12)
    pixels = textured(200, 200, fmt, "uint16")
    codec = Jpeg2000()
    encoded = codec.encode(pixels, fmt, Target("ratio", 1.01))
    assert "without loss" in encoded.notice
    assert np.array_equal(codec.decode(encoded.data).pixels, pixels)
    constant = np.full((64, 64), 1000, dtype=np.uint16)
    encoded = codec.encode(constant, fmt, Target("ratio", 10))
    assert "without loss" in encoded.notice
    assert np.array_equal(codec.decode(encoded.data).pixels, constant)


def test_ratio_that_is_too_high_gives_the_smallest_and_says_so() -> None:
    fmt = PixelFormat(12)
    pixels = textured(64, 64, fmt, "uint16")
    encoded = Jpeg2000().encode(pixels, fmt, Target("ratio", 5000))
    assert len(encoded.data) < 600
    assert str(len(encoded.data)) in encoded.notice


def test_between_the_wavelets_the_rate_is_still_met(chests: list[NDArray]) -> None:
    """The 9-7 ends below the lossless size at 8 bits; between them the 5-3 is cut."""
    codec, fmt, pixels = Jpeg2000(), PixelFormat(8), chests[0]
    everything = len(openjpeg.encode(pixels, 8, math.inf, reversible=False))
    lossless = len(codec.encode(pixels, fmt, LOSSLESS).data)
    assert everything < lossless
    wanted = (everything + lossless) / 2
    encoded = codec.encode(pixels, fmt, Target("ratio", pixels.size / wanted))
    assert abs(len(encoded.data) / wanted - 1) <= 0.02
    assert "5-3" in encoded.notice

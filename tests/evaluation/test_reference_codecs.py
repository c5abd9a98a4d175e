"""Codecs for comparison: they meet the rate, keep the bit depth, and say what they cannot take."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.codecs.base import PixelFormat
from viewer.errors import CodecError, UnknownCodecError
from viewer.evaluation.coders import coder
from viewer.evaluation.rate_search import search_rate
from viewer.evaluation.reference_codecs import REFERENCES, reference
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER


def _picture(bits: int, side: int = 160) -> StoredPixels:
    """A smooth picture with a little noise that fills `bits` bits."""
    rng = np.random.default_rng(bits)
    y, x = np.mgrid[:side, :side] / side
    grey = 0.5 + 0.3 * np.sin(7 * x) * np.cos(5 * y) + 0.004 * rng.standard_normal((side, side))
    values = np.clip(grey, 0, 1) * (2**bits - 1)
    return values.round().astype(np.uint8 if bits <= 8 else np.uint16)


@pytest.mark.parametrize("name", ["jpegxl", "htj2k"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_the_rate_is_met_at_every_depth(name: str, bits: int) -> None:
    pixels = _picture(bits)
    coding = reference(name).code(pixels, PixelFormat(bits), 0.8)
    assert 8 * len(coding.data) / pixels.size == pytest.approx(0.8, rel=0.03)
    assert coding.pixels.dtype == pixels.dtype
    error = np.mean((coding.pixels.astype(float) - pixels) ** 2)
    assert 10 * np.log10((2**bits - 1) ** 2 / error) > 38
    assert coding.encode.wall > 0
    assert coding.setting.split()[0] in {"distance", "step"}


@pytest.mark.parametrize("name", ["jpegxl", "htj2k", "jpeg"])
@pytest.mark.parametrize("bits", [8, 12])
def test_saturated_letters_do_not_wrap_around(name: str, bits: int) -> None:
    """What overshoots beyond black and white is clipped, not taken for the other end."""
    pixels = _picture(bits)
    pixels[20:90:7, 20:120] = 0
    pixels[100:150:9, 30:140] = 2**bits - 1
    coding = reference(name).code(pixels, PixelFormat(bits), 1.2)
    assert np.abs(coding.pixels.astype(int) - pixels).max() < 0.7 * 2**bits


def test_htj2k_says_so_where_sixteen_bits_wrap() -> None:
    stripes = (np.arange(256) // 9) % 2
    pixels = np.tile(65535 * stripes, (256, 1)).astype(np.uint16)
    pixels[stripes == 1] //= 2
    with pytest.raises(CodecError, match="wraps around"):
        reference("htj2k").code(pixels, PixelFormat(16), 1.0)
    eight = (pixels >> 8).astype(np.uint8)
    coding = reference("htj2k").code(eight, PixelFormat(8), 1.0)
    assert np.abs(coding.pixels.astype(int) - eight).max() < 128


def test_signed_pixels_come_back_signed() -> None:
    pixels = (_picture(12).astype(np.int32) - 2048).astype(np.int16)
    for name in REFERENCES:
        coding = reference(name).code(pixels, PixelFormat(12, signed=True), 1.5)
        assert coding.pixels.dtype == np.int16
        assert np.abs(coding.pixels.astype(int) - pixels).mean() < 200


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_near_lossless_errs_by_near_at_most(bits: int) -> None:
    pixels = _picture(bits)
    coding = reference("jpegls").code(pixels, PixelFormat(bits), 1.5)
    word, near = coding.setting.split()
    assert word == "NEAR"
    assert np.abs(coding.pixels.astype(int) - pixels).max() <= int(near)


def test_near_lossless_of_a_dark_deep_picture() -> None:
    """NEAR may not pass half of the largest value; asked for less, it stays there."""
    pixels = (_picture(16) // 400).astype(np.uint16)
    coding = reference("jpegls").code(pixels, PixelFormat(16), 0.01)
    assert coding.pixels.shape == pixels.shape


def test_jpeg_takes_twelve_bits_and_says_so_of_more() -> None:
    pixels = _picture(12)
    coding = reference("jpeg").code(pixels, PixelFormat(12), 1.0)
    assert 8 * len(coding.data) / pixels.size == pytest.approx(1.0, rel=0.15)
    assert np.abs(coding.pixels.astype(int) - pixels).mean() < 40
    assert "up to 12 bits" in reference("jpeg").refuses(PixelFormat(16))
    with pytest.raises(CodecError, match="up to 12 bits"):
        reference("jpeg").code(_picture(16), PixelFormat(16), 1.0)


def test_a_codec_of_the_viewer_by_its_largest_error() -> None:
    pixels = _picture(12)
    coding = coder("jpegls").code(pixels, PixelFormat(12), 1.5)
    bound = int(coding.setting.split()[-1])
    assert 0 < np.abs(coding.pixels.astype(int) - pixels).max() <= bound
    by_near = reference("jpegls").code(pixels, PixelFormat(12), 1.5)
    assert len(coding.data) == pytest.approx(len(by_near.data), rel=0.1)


def test_names() -> None:
    assert coder("jpeg2000").about
    assert coder("jpegxl").name == "jpegxl"
    with pytest.raises(UnknownCodecError, match="jpegxl"):
        coder("gif")
    with pytest.raises(UnknownCodecError):
        reference("gif")


@pytest.mark.parametrize("power", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("wanted", [0.05, 0.7, 3.0])
def test_the_search_finds_a_setting(power: float, wanted: float) -> None:
    calls = []

    def rate(setting: float) -> float:
        calls.append(setting)
        return float(setting**-power)

    found = search_rate(rate, wanted, 1e-4, 1e4, NEVER)
    assert rate(found) == pytest.approx(wanted, rel=0.02)
    assert len(calls) <= 13


def test_the_search_among_whole_settings_takes_the_nearest() -> None:
    for wanted in (0.02, 0.33, 0.9, 4.0):
        found = search_rate(lambda s: 3 / (1 + s), wanted, 0, 255, NEVER, whole=True)
        best = min(range(256), key=lambda s: abs(np.log(3 / (1 + s) / wanted)))
        assert found == best

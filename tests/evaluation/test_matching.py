"""The search for another codec's setting, with codecs whose curve is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from viewer.codecs import registry
from viewer.codecs.base import Codec, CodecInfo, Decoded, Encoded, Target
from viewer.errors import Cancelled, CodecError
from viewer.evaluation import matching
from viewer.evaluation.comparison import compare_radiograph
from viewer.evaluation.matching import match_codec
from viewer.images.opening import read_frame, read_header
from viewer.progress import CancelToken


@pytest.fixture(scope="module")
def radiograph(rg1_path):
    whole = read_frame(read_header(rg1_path))
    header = replace(whole.header, rows=256, columns=320)
    return replace(
        whole, header=header, pixels=np.ascontiguousarray(whole.pixels[600:856, 600:920])
    )


class Curved(Codec):
    """Bytes and errors follow simple laws of one setting."""

    def __init__(self, targets, rates=()):
        self.info = CodecInfo(
            "curved", "Curved", "Curved", "CURVED", True, False, targets, rates, "A law."
        )
        self.asked = []

    def encode(self, pixels, pixel_format, target, *, options=None, progress=None, cancel=None):
        self.asked.append(target)
        if target.kind == "quality":
            bpp = 0.05 * 2 ** (target.value / 12)
        elif target.kind == "ratio":
            bpp = pixel_format.bits_stored / target.value
        elif target.kind == "psnr":
            # Half a decibel short of what is asked for.
            bpp = 2 ** ((target.value - 40.5) / 5)
        else:
            # Never quite the rate asked for.
            bpp = target.value * 1.08
        size = max(16, round(bpp * pixels.size / 8))
        self.bpp, self.pixels = bpp, pixels
        return Encoded(bytes(size))

    def decode(self, data, *, options=None, progress=None, cancel=None):
        bpp = 8 * len(data) / self.pixels.size
        wanted = 40 + 5 * math.log2(bpp)
        error = 32767 / 10 ** (wanted / 20)
        sign = np.indices(self.pixels.shape).sum(axis=0) % 2 * 2 - 1
        rng = np.random.default_rng(1)
        noise = np.floor(error * sign + rng.random(self.pixels.shape))
        changed = np.clip(self.pixels + noise, 0, 65535)
        return Decoded(changed.astype(self.pixels.dtype), None)

    def read_header(self, data):
        raise NotImplementedError

    def recognises(self, data):
        return False


@pytest.fixture
def curved(monkeypatch):
    def use(*targets, rates=()):
        codec = Curved(targets, rates)
        original = registry.get
        monkeypatch.setattr(registry, "get", lambda n: codec if n == "curved" else original(n))
        return codec

    Curved.__abstractmethods__ = frozenset()
    return use


@pytest.mark.parametrize("targets", [("bpp",), ("ratio",), ("quality",), ("psnr", "bpp")])
@pytest.mark.parametrize("by", ["bytes", "psnr"])
def test_any_setting_is_led_to_the_match(radiograph, curved, targets, by):
    codec = curved(*targets)
    reference = compare_radiograph(radiograph, "jpeg2000", Target("bpp", 0.8))
    match = match_codec(reference, "curved", by)
    assert match.close
    assert match.tries == len(codec.asked) <= matching.MOST_TRIES
    assert match.found.codec == "curved"
    if by == "bytes":
        assert abs(match.found.byte_count / reference.byte_count - 1) <= matching.BYTES_WITHIN
        assert match.bytes_apart == match.found.byte_count / reference.byte_count - 1
    else:
        apart = match.found.figures.psnr_db - reference.figures.psnr_db
        assert abs(apart) <= matching.DECIBELS_WITHIN
        assert match.psnr_apart == apart


def test_of_trained_rates_the_nearest_is_taken(radiograph, curved):
    codec = curved("bpp", rates=(0.2, 0.5, 0.9, 1.4))
    reference = compare_radiograph(radiograph, "jpeg2000", Target("bpp", 0.6))
    match = match_codec(reference, "curved", "bytes")
    assert match.found.target == Target("bpp", 0.5)
    assert not match.close
    assert len(codec.asked) <= 3


def test_jpeg2000_meets_bytes_and_psnr_of_another_coding(radiograph):
    reference = compare_radiograph(radiograph, "jpeg2000", Target("bpp", 0.7))
    for by in ("bytes", "psnr"):
        match = match_codec(reference, "jpeg2000", by)
        assert match.close, (by, match.bytes_apart, match.psnr_apart)


def test_lossless_is_matched_by_lossless(radiograph, curved):
    reference = compare_radiograph(radiograph, "jpeg2000", Target("lossless"))
    match = match_codec(reference, "jpeg2000", "psnr")
    assert match.psnr_apart == 0
    assert match.found.figures.identical
    curved("bpp")
    with pytest.raises(CodecError, match="lossless"):
        match_codec(reference, "curved", "psnr")


def test_a_codec_without_a_setting_is_refused(radiograph, curved):
    curved("lossless")
    reference = compare_radiograph(radiograph, "jpeg2000", Target("bpp", 0.7))
    with pytest.raises(CodecError, match="one setting"):
        match_codec(reference, "curved", "bytes")


def test_progress_tells_what_is_tried_and_cancelling_stops(radiograph, curved):
    codec = curved("quality")
    reference = compare_radiograph(radiograph, "jpeg2000", Target("bpp", 0.7))
    told = []
    token = CancelToken()

    def progress(fraction, text):
        told.append((fraction, text))
        if "try 2" in text:
            token.cancel()

    with pytest.raises(Cancelled):
        match_codec(reference, "curved", "bytes", progress=progress, cancel=token)
    assert told[0][1].startswith("try 1: Curved at 50 quality")
    assert all(0 <= fraction <= 1 for fraction, _ in told)
    assert len(codec.asked) <= 2

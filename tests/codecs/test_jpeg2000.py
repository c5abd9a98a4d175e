"""JPEG 2000 at the stored bit depth: exactness, rates, PSNRs, faults."""

from __future__ import annotations

import io
import logging
import math
import random
import struct
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from viewer.codecs import jp2_seal, openjpeg, registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.jpeg2000 import Jpeg2000, ratio_of_quality
from viewer.errors import Cancelled, CodecError
from viewer.images.opening import read_frame, read_header
from viewer.progress import CancelToken

LOSSLESS = Target("lossless")


def independent_psnr(first: NDArray, second: NDArray, peak: int) -> float:
    """By the definition, in Python's own whole numbers."""
    squares = sum((int(a) - int(b)) ** 2 for a, b in zip(first.flat, second.flat, strict=True))
    return math.inf if squares == 0 else 10 * math.log10(peak**2 * first.size / squares)


def fast_psnr(first: NDArray, second: NDArray, peak: int) -> float:
    mse = float(np.mean((first.astype(np.float64) - second.astype(np.float64)) ** 2))
    return math.inf if mse == 0 else 10 * math.log10(peak**2 / mse)


def textured(rows: int, columns: int, fmt: PixelFormat, dtype: str, seed: int = 0) -> NDArray:
    """A soft shape with grain over most of the range of the format."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    wave = 0.5 + 0.3 * np.sin(x / 17) * np.cos(y / 23) + 0.01 * rng.standard_normal((rows, columns))
    return (np.clip(wave, 0, 1) * fmt.peak + fmt.minimum).round().astype(np.int64).astype(dtype)


@pytest.fixture(scope="module")
def rg1(rg1_path: Path) -> NDArray:
    return read_frame(read_header(rg1_path)).pixels


@pytest.fixture(scope="module")
def chests(shared_data: Path) -> list[NDArray]:
    files = sorted((shared_data / "chest" / "val").glob("*.jp2"))[:2]
    return [read_frame(read_header(path)).pixels for path in files]


@st.composite
def pictures(draw: st.DrawFn) -> tuple[NDArray, PixelFormat]:
    dtype = draw(st.sampled_from(["uint8", "uint16", "int16"]))
    signed = dtype == "int16" and draw(st.booleans())
    limit = {"uint8": 8, "uint16": 16, "int16": 16 if signed else 15}[dtype]
    fmt = PixelFormat(draw(st.integers(1, limit)), signed)
    shape: tuple[int, ...] = (draw(st.integers(1, 70)), draw(st.integers(1, 70)))
    if draw(st.integers(0, 3)) == 0:
        shape = (*shape, 3)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        values = rng.integers(0, fmt.peak + 1, shape)
    else:
        values = np.full(shape, draw(st.integers(0, fmt.peak)))
    return (values + fmt.minimum).astype(dtype), fmt


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


def test_the_second_request_is_cheaper(rg1: NDArray, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slider asks for neighbouring rates of one picture."""
    passes: list[float] = []
    encode = openjpeg.encode

    def counted(pixels: NDArray, bits: int, level: float, *, reversible: bool) -> bytes:
        passes.append(level)
        return encode(pixels, bits, level, reversible=reversible)

    monkeypatch.setattr(openjpeg, "encode", counted)
    codec, fmt = Jpeg2000(), PixelFormat(15)
    part = np.ascontiguousarray(rg1[600:1200, 500:1200])
    codec.encode(part, fmt, Target("ratio", 20))
    codec.encode(part, fmt, Target("ratio", 25))
    passes.clear()
    for ratio in (21, 22, 23, 24):
        codec.encode(part, fmt, Target("ratio", ratio))
    assert len(passes) <= 6


def test_a_preview_is_near_in_fewer_encodings(
    rg1: NDArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[float] = []
    encode = openjpeg.encode

    def counted(pixels: NDArray, bits: int, level: float, *, reversible: bool) -> bytes:
        passes.append(level)
        return encode(pixels, bits, level, reversible=reversible)

    monkeypatch.setattr(openjpeg, "encode", counted)
    fmt, part = PixelFormat(15), np.ascontiguousarray(rg1[600:1200, 500:1200])
    counts = []
    for preview in (False, True):
        codec = Jpeg2000()
        codec.encode(part, fmt, Target("ratio", 20))
        passes.clear()
        for ratio in (15, 25, 35, 50):
            encoded = codec.encode(
                part, fmt, Target("ratio", ratio), options=Options(preview=preview)
            )
            off = abs(len(encoded.data) / (part.size * 15 / 8 / ratio) - 1)
            assert off <= (0.06 if preview else 0.02)
            assert encoded.notice == ""
        counts.append(len(passes))
    assert counts[1] < counts[0]


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


def test_damaged_bitstreams_are_refused() -> None:
    fmt = PixelFormat(12, signed=True)
    pixels = textured(60, 70, fmt, "int16")
    codec = Jpeg2000()
    data = codec.encode(pixels, fmt, Target("ratio", 6)).data
    chance = random.Random(0)
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 5))):
            damaged[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        if bytes(damaged) == data:
            continue
        with pytest.raises(CodecError) as error:
            codec.decode(bytes(damaged))
        assert str(error.value).endswith(".")
    for length in range(len(data)):
        with pytest.raises(CodecError):
            codec.decode(data[:length])
    for extra in (b"\0", b"abc", data):
        with pytest.raises(CodecError, match="altered"):
            codec.decode(data + extra)


def test_foreign_bytes_are_refused(shared_data: Path) -> None:
    codec = Jpeg2000()
    for foreign in (b"", b"PK\x03\x04", jp2_seal.SIGNATURE, jp2_seal.SIGNATURE + b"\0" * 100):
        with pytest.raises(CodecError):
            codec.decode(foreign)
    chest = next((shared_data / "chest" / "val").glob("*.jp2")).read_bytes()
    assert codec.recognises(chest)
    with pytest.raises(CodecError, match="seal"):
        codec.decode(chest)


def test_a_giant_header_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = Jpeg2000()
    fmt = PixelFormat(8)
    jp2 = openjpeg.encode(textured(40, 40, fmt, "uint8"), 8, 40, reversible=False)
    start = jp2.index(b"\xff\x4f\xff\x51")
    giant = bytearray(jp2)
    for offset in (8, 24):
        struct.pack_into(">II", giant, start + offset, 1 << 20, 1 << 20)
    monkeypatch.setattr(openjpeg, "decode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(CodecError, match="1048576 x 1048576"):
        codec.decode(jp2_seal.seal(bytes(giant), "uint8"))


@pytest.mark.parametrize(
    ("pixels", "fmt", "target", "text"),
    [
        (np.zeros((4, 4), np.uint32), PixelFormat(16), LOSSLESS, "uint32"),
        (np.zeros((4, 4), np.uint16), PixelFormat(17), LOSSLESS, "17"),
        (np.zeros((4, 4), np.float32), PixelFormat(8), LOSSLESS, "float32"),
        (np.zeros((4, 4, 4), np.uint8), PixelFormat(8), LOSSLESS, "shape"),
        (np.zeros((0, 4), np.uint8), PixelFormat(8), LOSSLESS, "shape"),
        (np.full((4, 4), 1024, np.uint16), PixelFormat(10), LOSSLESS, "1024"),
        (np.full((4, 4), -1, np.int16), PixelFormat(10), LOSSLESS, "-1"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("ratio", 0), "ratio"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("bpp", -1), "bpp"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("psnr", math.nan), "psnr"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("quality", 101), "101"),
    ],
)
def test_what_cannot_be_coded_is_named(
    pixels: NDArray, fmt: PixelFormat, target: Target, text: str
) -> None:
    with pytest.raises(CodecError, match=text):
        Jpeg2000().encode(pixels, fmt, target)


def test_a_cancel_takes_effect_before_the_next_encoding() -> None:
    fmt, cancel, seen = PixelFormat(12), CancelToken(), []

    def progress(fraction: float, text: str) -> None:
        seen.append(fraction)
        if len(seen) == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        Jpeg2000().encode(
            textured(300, 300, fmt, "uint16"),
            fmt,
            Target("ratio", 37),
            progress=progress,
            cancel=cancel,
        )
    assert len(seen) == 2
    cancelled = CancelToken()
    cancelled.cancel()
    with pytest.raises(Cancelled):
        Jpeg2000().decode(b"", cancel=cancelled)


def test_progress_only_grows() -> None:
    fmt, seen = PixelFormat(12), []
    Jpeg2000().encode(
        textured(200, 200, fmt, "uint16"),
        fmt,
        Target("ratio", 30),
        progress=lambda fraction, text: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert all(0 <= fraction <= 1 for fraction in seen)


def test_same_request_same_bytes_on_any_thread() -> None:
    fmt = PixelFormat(12)
    pixels = textured(256, 256, fmt, "uint16")
    results: list[bytes] = []

    def code() -> None:
        results.append(Jpeg2000().encode(pixels, fmt, Target("ratio", 15)).data)

    threads = [threading.Thread(target=code) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1


def test_the_number_of_threads_changes_nothing(
    rg1: NDArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = np.ascontiguousarray(rg1[:500, :500])
    seen = set()
    for cores in (1, 2, 7):
        monkeypatch.setattr(openjpeg.os, "cpu_count", lambda cores=cores: cores)
        data = openjpeg.encode(part, 15, 50, reversible=False)
        seen.add((data, openjpeg.decode(data, part.shape).tobytes()))
    assert len(seen) == 1


def test_the_interpreter_stays_free(rg1: NDArray) -> None:
    """A window runs beside the codec: no call may keep the interpreter for itself."""
    worker = threading.Thread(
        target=lambda: Jpeg2000().encode(rg1, PixelFormat(15), Target("ratio", 20))
    )
    beats = [time.perf_counter()]
    worker.start()
    while worker.is_alive():
        time.sleep(0.002)
        beats.append(time.perf_counter())
    assert sorted(b - a for a, b in pairwise(beats))[-2] < 0.25


def test_nothing_is_written_to_the_terminal(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    codec, fmt = Jpeg2000(), PixelFormat(12)
    pixels = textured(33, 47, fmt, "uint16")
    with caplog.at_level(logging.WARNING):
        for target in (Target("ratio", 10000), Target("ratio", 9), Target("psnr", 45), LOSSLESS):
            data = codec.encode(pixels, fmt, target).data
            codec.decode(data)
            with pytest.raises(CodecError):
                codec.decode(data[:-9])
        cut = openjpeg.encode(pixels, 12, 50, reversible=False)[:-200]
        with pytest.raises(CodecError):
            openjpeg.decode(cut, (33, 47))
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


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

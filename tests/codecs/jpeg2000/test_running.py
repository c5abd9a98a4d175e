"""How it runs: in few passes, on any thread, stopped when asked, without a word on the terminal."""

from __future__ import annotations

import logging
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codecs.jpeg2000.pictures import LOSSLESS, textured
from viewer.codecs import openjpeg
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.jpeg2000 import Jpeg2000
from viewer.errors import Cancelled, CodecError
from viewer.progress import CancelToken


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

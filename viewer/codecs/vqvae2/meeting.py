"""Which step meets a request."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from viewer.codecs.base import Target
from viewer.codecs.vqvae2 import rate_control
from viewer.codecs.vqvae2.steps import INDICES, PER_OCTAVE
from viewer.codecs.vqvae2.trials import Job, Trial, attempt, psnr_of
from viewer.errors import CodecError
from viewer.progress import Progress

FEW_TILES = 4
"""Tiles a search begins with when a picture has more than twice as many."""


class _Search:
    """Trials of one request; keeps the one nearest to it."""

    def __init__(self, job: Job, target: float, progress: Progress) -> None:
        self._job, self._target, self._progress = job, target, progress
        self._distance = math.inf
        self._count = 0
        self.best: Trial | None = None

    def log_bits(self, index: int) -> float:
        trial = self._next(index)
        return self._keep(trial, math.log2(trial.bits))

    def psnr(self, index: int) -> float:
        trial = self._next(index)
        return self._keep(trial, psnr_of(self._job, trial))

    def _keep(self, trial: Trial, value: float) -> float:
        if abs(value - self._target) < self._distance:
            self._distance, self.best = abs(value - self._target), trial
        return value

    def _next(self, index: int) -> Trial:
        # Half of what is left a trial: their number is not known beforehand.
        start, share = 0.85 * (1 - 0.5**self._count), 0.85 * 0.5 ** (self._count + 1)
        self._count += 1
        return attempt(self._job, index, lambda f, text: self._progress(start + share * f, text))


def _quality_index(quality: float, bits_stored: int) -> int:
    """0 .. 100 to a step of 64 .. 1/4 grey levels of 8 bits, logarithmically."""
    octaves = 6 - 8 * min(max(quality, 0.0), 100.0) / 100 + bits_stored - 8
    return int(np.clip(round(PER_OCTAVE * (octaves + 4)), 0, INDICES - 1))


def meet(job: Job, target: Target, progress: Progress) -> Trial:
    """The trial that meets the request."""
    if not math.isfinite(target.value):
        raise CodecError("The request to the encoder is not a number.")
    size, bits = job.pixels.size, job.pixel_format.bits_stored
    if target.kind == "quality":
        index = _quality_index(target.value, bits)
        return attempt(job, index, lambda f, text: progress(0.85 * f, text))
    if target.kind in ("bpp", "ratio"):
        if target.value <= 0:
            raise CodecError("The rate asked for must be above zero.")
        wanted = target.value * size if target.kind == "bpp" else bits * size / target.value
        search = _meet_bits(job, max(wanted, 1.0), progress)
    elif target.kind == "psnr":
        peak = job.pixel_format.peak
        # A uniform quantiser's error is about step**2 / 12; half of that where codes are zero.
        step = peak * 10 ** (-target.value / 20) * math.sqrt(12)
        start = int(np.clip(PER_OCTAVE * (math.log2(max(step, 1e-3)) + 4), 0, INDICES - 1))
        seen = job.kept.psnr.get(job.model.digest, {}) if job.kept is not None else {}
        start = rate_control.psnr_start(seen, target.value, start)
        search = _Search(job, target.value, progress)
        rate_control.search_psnr(search.psnr, target.value, start, near=job.preview)
    else:
        raise CodecError("The codec vqvae2 is lossy; for lossless coding choose another codec.")
    assert search.best is not None
    return search.best


def _meet_bits(job: Job, wanted: float, progress: Progress) -> _Search:
    """Find the step on a few tiles where there are many, then on all."""
    assert job.kept is not None
    rough = job.kept.rough
    seen = job.kept.bits.get(job.model.digest, {})
    start = rate_control.rough_index(rough, wanted, seen)
    if job.model.tables.dependent and not seen:
        start = min(start + rate_control.LARGER_STEPS, INDICES - 1)
    count = len(job.layout)
    if count > 2 * FEW_TILES and not seen:
        chosen = range(count // (2 * FEW_TILES), count, -(-count // FEW_TILES))
        few = replace(
            job,
            layout=[job.layout[i] for i in chosen],
            analyses=[job.analyses[i] for i in chosen],
            kept=None,
        )
        part = rate_control.RoughRate(few.analyses)
        share = max(wanted * part.bits(start) / rough.bits(start), 1.0)
        search = _Search(few, math.log2(share), lambda f, text: progress(f / 2, text))
        rate_control.search_bits(search.log_bits, part, share, start)
        assert search.best is not None
        start = search.best.index
        done = 0.5
    else:
        done = 0.0
    whole = _Search(job, math.log2(wanted), lambda f, text: progress(done + (1 - done) * f, text))
    rate_control.search_bits(whole.log_bits, rough, wanted, start, tolerance=job.tolerance)
    return whole

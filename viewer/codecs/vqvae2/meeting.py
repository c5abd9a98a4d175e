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
    """Trials of one request; knows the one nearest to it."""

    def __init__(self, job: Job, target: float, progress: Progress) -> None:
        self._job, self._target, self._progress = job, target, progress
        self._distance = math.inf
        self._count = 0
        self.index = 0
        self._trial: Trial | None = None

    def log_bits(self, index: int) -> float:
        """log2 of the bits at a step; not coded again where they are known from before."""
        kept, trial = self._job.kept, None
        bits = None if kept is None else kept.bits.get(self._job.model.digest, {}).get(index)
        if bits is None:
            trial = self._next(index)
            bits = trial.bits
        return self._keep(index, math.log2(bits), trial)

    def psnr(self, index: int) -> float:
        """PSNR in dB at a step, likewise."""
        kept, trial = self._job.kept, None
        decibels = None if kept is None else kept.psnr.get(self._job.model.digest, {}).get(index)
        if decibels is None:
            trial = self._next(index)
            decibels = psnr_of(self._job, trial)
        return self._keep(index, decibels, trial)

    def best(self) -> Trial:
        """The trial nearest to the request."""
        return self._trial or self._next(self.index)

    def _keep(self, index: int, value: float, trial: Trial | None) -> float:
        if abs(value - self._target) < self._distance:
            self._distance = abs(value - self._target)
            self.index, self._trial = index, trial
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
        search = _meet_psnr(job, target.value, progress)
    else:
        raise CodecError("The codec vqvae2 is lossy; for lossless coding choose another codec.")
    return search.best()


def _meet_psnr(job: Job, wanted: float, progress: Progress) -> _Search:
    """Find the step on all tiles."""
    assert job.kept is not None
    rough, most = job.kept.rough, job.pixels.size * float(job.pixel_format.peak) ** 2

    def about(index: int) -> float:
        return 10 * math.log10(most / max(rough.squares(index), 1e-9))

    search = _Search(job, wanted, progress)
    near = rate_control.NEAR_PSNR if job.preview else rate_control.PSNR_TOLERANCE
    rate_control.search(search.psnr, rate_control.guess_from(about, wanted), wanted, near)
    return search


def _meet_bits(job: Job, wanted: float, progress: Progress) -> _Search:
    """Find the step on a few tiles where there are many, then on all."""
    assert job.kept is not None
    rough = job.kept.rough
    start = rate_control.guess_from(rough.log_bits, math.log2(wanted))({})
    if job.model.tables.dependent:
        start = min(start + rate_control.LARGER_STEPS, INDICES - 1)
    count = len(job.layout)
    done = 0.0
    if count > 2 * FEW_TILES:
        chosen = range(count // (2 * FEW_TILES), count, -(-count // FEW_TILES))
        few = replace(
            job,
            layout=[job.layout[i] for i in chosen],
            analyses=[job.analyses[i] for i in chosen],
            kept=None,
        )
        part = rate_control.RoughRate(few.analyses)
        share = max(wanted * part.bits(start) / rough.bits(start), 1.0)
        sample = _Search(few, math.log2(share), lambda f, text: progress(f / 2, text))
        _search_bits(sample, part, share, start, rate_control.RATE_TOLERANCE)
        start, done = sample.index, 0.5
    whole = _Search(job, math.log2(wanted), lambda f, text: progress(done + (1 - done) * f, text))
    _search_bits(whole, rough, wanted, start, job.tolerance)
    return whole


def _search_bits(
    trials: _Search, rough: rate_control.RoughRate, wanted: float, start: int, tolerance: float
) -> None:
    target = math.log2(wanted)
    guess = rate_control.guess_from(rough.log_bits, target, start)
    rate_control.search(trials.log_bits, guess, target, math.log2(1 + tolerance))

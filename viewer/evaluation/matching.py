"""Another codec at the same bytes or the same PSNR as a coding that is there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from viewer.codecs import registry
from viewer.codecs.base import CodecInfo, Options, Target
from viewer.errors import CodecError
from viewer.evaluation.comparison import Comparison, compare_radiograph, part
from viewer.progress import NEVER, CancelToken, Progress, silent

By = Literal["bytes", "psnr"]

BYTES_WITHIN = 0.005
"""Part of the bytes by which a match may miss them without another try."""
DECIBELS_WITHIN = 0.02
MOST_TRIES = 9
"""Codings made at most."""

_BPP_RANGE = (-7.0, 5.0)
"""log2 of the bits per pixel that are tried."""
_PSNR_RANGE = (15.0, 110.0)


@dataclass(frozen=True, slots=True)
class Match:
    """What was found.

    Parameters
    ----------
    by : {"bytes", "psnr"}
        What was to be the same.
    reference : Comparison
        The coding that was there.
    found : Comparison
        That of the other codec that comes nearest.
    tries : int
        Codings made to find it.
    """

    by: By
    reference: Comparison
    found: Comparison
    tries: int

    @property
    def bytes_apart(self) -> float:
        """Bytes found over bytes wanted, minus 1."""
        return self.found.byte_count / self.reference.byte_count - 1

    @property
    def psnr_apart(self) -> float:
        """PSNR found minus PSNR wanted, in dB; 0 where both are infinite."""
        first, second = self.found.figures.psnr_db, self.reference.figures.psnr_db
        return 0.0 if first == second else first - second

    @property
    def close(self) -> bool:
        """Whether what was to be the same is."""
        if self.by == "bytes":
            return abs(self.bytes_apart) <= BYTES_WITHIN
        return abs(self.psnr_apart) <= DECIBELS_WITHIN


def match_codec(
    reference: Comparison,
    codec: str,
    by: By,
    *,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Match:
    """Search the target with which a codec gives as many bytes, or as much PSNR.

    Codecs of a few trained rates are tried at those next to it; others by secants within a
    bracket, at most `MOST_TRIES` codings.

    Parameters
    ----------
    reference : Comparison
    codec : str
        Name in the registry.
    by : {"bytes", "psnr"}

    Raises
    ------
    CodecError
        When the codec cannot be led to it, or cannot code these pixels.
    Cancelled
    """
    info = registry.get(codec).info
    search = _Search(reference, info, by, options, progress, cancel)
    if by == "psnr" and math.isinf(reference.figures.psnr_db):
        if "lossless" not in info.targets:
            raise CodecError(f"{info.title} is lossy: it cannot match a lossless coding's PSNR.")
        search.attempt(Target("lossless"))
    elif info.rates_bpp and "bpp" in info.targets:
        _among_rates(search, sorted(info.rates_bpp))
    else:
        _by_secants(search, info)
    assert search.best is not None
    return Match(by, reference, search.best, search.tries)


class _Search:
    """Codes with targets, measures how far each is off, and keeps the best."""

    def __init__(
        self,
        reference: Comparison,
        info: CodecInfo,
        by: By,
        options: Options,
        progress: Progress,
        cancel: CancelToken,
    ) -> None:
        self.reference = reference
        self.by = by
        self.tries = 0
        self.best: Comparison | None = None
        self._info = info
        self._options = options
        self._progress = progress
        self._cancel = cancel
        self._error = math.inf

    @property
    def close(self) -> bool:
        """Whether the best needs no other."""
        within = math.log2(1 + BYTES_WITHIN) if self.by == "bytes" else DECIBELS_WITHIN
        return self._error <= within

    def attempt(self, target: Target) -> float:
        """Code, and return by how much too many bytes (in log2) or too high a PSNR (in dB)."""
        self._cancel.check()
        share = part(self._progress, self.tries / MOST_TRIES, (self.tries + 1) / MOST_TRIES)
        self.tries += 1
        asked = "lossless" if target.kind == "lossless" else f"{target.value:.4g} {target.kind}"

        def report(fraction: float, text: str) -> None:
            share(fraction, f"try {self.tries}: {self._info.title} at {asked}, {text}")

        made = compare_radiograph(
            self.reference.radiograph,
            self._info.name,
            target,
            options=self._options,
            progress=report,
            cancel=self._cancel,
        )
        if self.by == "bytes":
            error = math.log2(made.byte_count / self.reference.byte_count)
        else:
            error = made.figures.psnr_db - self.reference.figures.psnr_db
        if abs(error) < self._error or self.best is None:
            self._error, self.best = abs(error), made
        return error


def _among_rates(search: _Search, rates: list[float]) -> None:
    """Try the trained rates, from the nearest on towards what is wanted."""
    wanted = search.reference.bpp
    index = min(range(len(rates)), key=lambda each: abs(math.log2(rates[each] / wanted)))
    first = search.attempt(Target("bpp", rates[index]))
    step = -1 if first > 0 else 1
    while not search.close and 0 <= (index := index + step) < len(rates):
        error = search.attempt(Target("bpp", rates[index]))
        if (error > 0) != (first > 0) or search.tries == MOST_TRIES:
            return


def _by_secants(search: _Search, info: CodecInfo) -> None:
    """Find where the error is 0 along a scale on which it rises."""
    make, low, high, guess, slope = _scale(search, info)
    below: tuple[float, float] | None = None
    above: tuple[float, float] | None = None
    place = min(max(guess, low), high)
    for _ in range(MOST_TRIES):
        error = search.attempt(make(place))
        if search.close:
            return
        if error < 0:
            below = (place, error)
        else:
            above = (place, error)
        before = place
        if below is not None and above is not None and math.isfinite(above[1]):
            share = below[1] / (below[1] - above[1])
            # Never right beside an end of the bracket: rates come in steps.
            place = below[0] + (above[0] - below[0]) * min(max(share, 0.05), 0.95)
        elif below is not None and above is not None:
            place = (below[0] + above[0]) / 2
        else:
            finite = error if math.isfinite(error) else 10.0
            place = min(max(place - finite / slope * 1.1, low), high)
        if abs(place - before) < 1e-4:
            return


def _scale(
    search: _Search, info: CodecInfo
) -> tuple[Callable[[float], Target], float, float, float, float]:
    """Return how a place becomes a target, its range, the first guess and the slope about there."""
    reference = search.reference
    bpp = math.log2(max(reference.bpp, 2 ** _BPP_RANGE[0]))
    if search.by == "psnr" and "psnr" in info.targets:
        wanted = reference.figures.psnr_db
        return lambda place: Target("psnr", place), *_PSNR_RANGE, wanted, 1.0
    # Bytes double with the rate; PSNR gains some 3 dB with every doubling.
    slope = 1.0 if search.by == "bytes" else 3.0
    if "bpp" in info.targets:
        return lambda place: Target("bpp", 2.0**place), *_BPP_RANGE, bpp, slope
    if "ratio" in info.targets:
        header = reference.radiograph.header
        bits = header.stored_bits_total / (header.rows * header.columns)
        return lambda place: Target("ratio", bits / 2.0**place), *_BPP_RANGE, bpp, slope
    if "quality" not in info.targets:
        raise CodecError(f"{info.title} has one setting alone: it cannot be matched.")
    steep = 0.05 if search.by == "bytes" else 0.3
    return lambda place: Target("quality", round(place, 2)), 0.0, 100.0, 50.0, steep

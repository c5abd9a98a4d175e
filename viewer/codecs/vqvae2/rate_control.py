"""Find the step that meets a request: the transform is made once, only choosing codes repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.steps import INDICES, detail_steps, step_value
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis
from viewer.networks.vqvae2_prior import BAND_OF

MAX_TRIALS = 7
GRID = 24
"""Searches begin at a multiple of so many indices."""
RATE_TOLERANCE = 0.016
PSNR_TOLERANCE = 0.05
NEAR_RATE, NEAR_PSNR = 0.06, 0.3
"""What is near enough for a glance."""
OWN_RATE = 0.3
"""What is near enough where the rate is the encoder's own choice."""
LARGER_STEPS = 22
"""With two quantisers steps are larger at the same bits, by about so many indices."""
_LOST = np.float32(0.1)
"""Squared steps that a coefficient is off by at most, about."""
_SAMPLE = 7
"""Every so many coefficients of levels 1 and 2 make the rough guess."""


class RoughRate:
    """A guess of the bits and errors at any step, without the networks, to start a search from."""

    def __init__(self, analyses: Sequence[TileAnalysis]) -> None:
        self._bands: list[tuple[int, int, float, NDArray[np.float32]]] = []
        for analysis in analyses:
            for level, grid in enumerate(analysis.details):
                every = _SAMPLE if level < 2 else 1
                for channel, band in enumerate(BAND_OF):
                    sample = np.abs(grid[channel].ravel()[::every])
                    self._bands.append((level, band, float(every), sample))

    def bits(self, index: int) -> float:
        """About log2 of each coefficient's size, a few bits where one stands out of nothing."""
        steps = detail_steps(index)
        total = 1.0
        for level, band, every, sample in self._bands:
            x = sample * np.float32(256.0 / steps[level][band])
            total += every * 1.64 * float(np.log2(1 + x * x * x).sum())
        return total

    def log_bits(self, index: int) -> float:
        """Their log2."""
        return math.log2(self.bits(index))

    def squares(self, index: int) -> float:
        """About the sum of squared errors, in stored values.

        A coefficient is lost where it is small, else off by a part of a step.
        """
        steps = detail_steps(index)
        total = 0.0
        for level, band, every, sample in self._bands:
            x = sample * np.float32(256.0 / steps[level][band])
            total += every * float(np.minimum(x * x, _LOST).sum())
        return total * step_value(index) ** 2


Guess = Callable[[Mapping[int, float]], int]
"""What step to try, from the values that steps tried before have shown."""


def guess_from(rough: Callable[[int], float], target: float, start: int | None = None) -> Guess:
    """Guess the step of a value that falls as steps grow.

    Parameters
    ----------
    rough : callable
        About the value at a step. Between steps that were tried, it is corrected by what it missed.
    target : float
    start : int, optional
        What to begin with; else the step whose rough value is the one wanted.
    """

    def guess(known: Mapping[int, float]) -> int:
        if not known and start is not None:
            return start
        indices = sorted(known)
        missed = [known[index] - rough(index) for index in indices]
        low, high = 0, INDICES - 1
        while high - low > (1 if known else 4):
            middle = (low + high) // 2
            correction = float(np.interp(middle, indices, missed)) if known else 0.0
            if rough(middle) + correction > target:
                low = middle
            else:
                high = middle
        return (low + high) // 2

    return guess


def search(measure: Callable[[int], float], guess: Guess, target: float, tolerance: float) -> None:
    """Try steps until a value, which falls as steps grow, is as near as asked.

    Which steps are tried follows from the picture and the request alone, so that the same request
    gives the same bytes, whatever was asked before. The first is of a coarse grid: requests near
    each other begin with the same, and what it has shown can be kept.
    """
    known: dict[int, float] = {}
    index = _within(round(guess(known) / GRID) * GRID)
    for _ in range(MAX_TRIALS):
        known[index] = measure(index)
        if abs(known[index] - target) <= tolerance:
            return
        following = _within(guess(known))
        if following in known:
            # A neighbour on the other side of the request may be nearer.
            following = _within(following + (1 if known[following] > target else -1))
            if following in known:
                return
        index = following


def _within(index: int) -> int:
    return min(max(index, 0), INDICES - 1)

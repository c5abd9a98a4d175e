"""Find the step that meets a request: the transform is made once, only choosing codes repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.steps import INDICES, PER_OCTAVE, detail_steps
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis
from viewer.networks.vqvae2_prior import BAND_OF

MAX_TRIALS = 7
RATE_TOLERANCE = 0.016
PSNR_TOLERANCE = 0.05
NEAR_RATE, NEAR_PSNR = 0.06, 0.3
"""What is near enough for a glance."""
OWN_RATE = 0.3
"""What is near enough where the rate is the encoder's own choice."""
LARGER_STEPS = 22
"""With two quantisers steps are larger at the same bits, by about so many indices."""
PSNR_SLOPE = -4.5 / PER_OCTAVE
"""dB a step index, about."""
NOTHING: Mapping[int, float] = MappingProxyType({})
_SAMPLE = 7
"""Every so many coefficients of levels 1 and 2 make the rough guess."""


class RoughRate:
    """A guess of the bits at any step, without the networks, to start a search from."""

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


def rough_index(rough: RoughRate, target_bits: float, seen: Mapping[int, float] = NOTHING) -> int:
    """The step index whose rough bits are those wanted.

    Parameters
    ----------
    seen : mapping of int to float
        Bits that trials have shown: between them the guess is corrected by what it missed.
    """
    known = sorted(seen)
    missed = [math.log2(seen[index] / rough.bits(index)) for index in known]
    low, high = 0, INDICES - 1
    while high - low > (1 if known else 4):
        middle = (low + high) // 2
        correction = 2.0 ** float(np.interp(middle, known, missed)) if known else 1.0
        if rough.bits(middle) * correction > target_bits:
            low = middle
        else:
            high = middle
    return (low + high) // 2


def psnr_start(seen: Mapping[int, float], target: float, otherwise: int) -> int:
    """The step index to try first, from the PSNR in dB that trials have shown."""
    if not seen:
        return otherwise
    known = sorted(seen)
    if len(known) > 1 and seen[known[-1]] <= target <= seen[known[0]]:
        # np.interp wants rising values: PSNR rises as steps fall.
        return round(float(np.interp(target, [seen[i] for i in known[::-1]], known[::-1])))
    nearest = min(known, key=lambda index: abs(seen[index] - target))
    return round(nearest + (target - seen[nearest]) / PSNR_SLOPE)


def search_bits(
    measure: Callable[[int], float],
    rough: RoughRate,
    target_bits: float,
    start: int,
    *,
    tolerance: float = RATE_TOLERANCE,
) -> None:
    """Try steps, from ``start``, until ``measure``, log2 of the bits, is as near as asked."""
    step = PER_OCTAVE // 4
    slope = math.log2(rough.bits(min(start + step, INDICES - 1)) / rough.bits(start)) / step
    _search(
        measure,
        math.log2(target_bits),
        start,
        slope=min(slope, -0.3 / PER_OCTAVE),
        tolerance=math.log2(1 + tolerance),
    )


def search_psnr(
    measure: Callable[[int], float], target: float, start: int, *, near: bool = False
) -> None:
    """Try steps until ``measure``, the PSNR in dB, is near enough to the request."""
    tolerance = NEAR_PSNR if near else PSNR_TOLERANCE
    _search(measure, target, start, slope=PSNR_SLOPE, tolerance=tolerance)


def _search(
    measure: Callable[[int], float], target: float, start: int, *, slope: float, tolerance: float
) -> None:
    """Secant search of a decreasing function of the step index."""
    seen: dict[int, float] = {}
    index = int(np.clip(start, 0, INDICES - 1))
    for _ in range(MAX_TRIALS):
        seen[index] = measure(index)
        if abs(seen[index] - target) <= tolerance:
            break
        above = [i for i in seen if seen[i] > target]
        below = [i for i in seen if seen[i] <= target]
        if above and below:
            left, right = max(above), min(below)
            if right - left <= 1:
                break
            fraction = (seen[left] - target) / max(seen[left] - seen[right], 1e-9)
            following = round(left + fraction * (right - left))
            following = min(max(following, left + 1), right - 1)
        else:
            if len(seen) > 1:
                first, last = sorted(seen)[0], sorted(seen)[-1]
                slope = min((seen[last] - seen[first]) / (last - first), slope / 4)
            move = round((target - seen[index]) / slope)
            following = index + (move if move else (-1 if seen[index] < target else 1))
        following = int(np.clip(following, 0, INDICES - 1))
        if following in seen:
            break
        index = following

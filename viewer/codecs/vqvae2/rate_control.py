"""Find the step that meets a request: the transform is made once, only choosing codes repeats."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import INDICES, LEVELS, PER_OCTAVE, detail_steps
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis, TileChooser, no_shifts
from viewer.codecs.vqvae2.tile_walk import walk
from viewer.networks.vqvae2_prior import BAND_OF
from viewer.progress import CancelToken

MAX_TRIALS = 7
RATE_TOLERANCE = 0.006
PSNR_TOLERANCE = 0.03


@dataclass
class RateMeter:
    """Bits of a picture at any step.

    Parameters
    ----------
    analyses : list of TileAnalysis
    model : Model
    extra_bytes : int
        Bytes besides the tiles' codes.
    cancel : CancelToken
    """

    analyses: list[TileAnalysis]
    model: Model
    extra_bytes: int
    cancel: CancelToken

    def bits(self, index: int) -> float:
        """Bits of the bitstream, to within a few bytes a tile."""
        total = 8.0 * self.extra_bytes
        for analysis in self.analyses:
            self.cancel.check()
            chooser = TileChooser(analysis, self.model, index, no_shifts())
            walk(self.model, index, analysis.height, analysis.width, chooser)
            total += chooser.bits + 8.0 * (len(chooser.lowest_scales) + LEVELS * 5) + 24
        return total

    def rough_bits(self, index: int) -> float:
        """A guess without the networks: about log2 of each coefficient's size."""
        total = 0.0
        for analysis in self.analyses:
            for level, grid in enumerate(analysis.details):
                steps = detail_steps(index)[level]
                for channel, band in enumerate(BAND_OF):
                    x = np.abs(grid[channel]) * np.float32(256.0 / steps[band])
                    total += float(np.log2(1 + x * x * x).sum()) * 0.45
        return total + 8.0 * self.extra_bytes + 1.0


def index_for_bits(meter: RateMeter, target_bits: float) -> int:
    """The step index whose bits come nearest to ``target_bits``."""
    low, high = 0, INDICES - 1
    while high - low > 8:
        middle = (low + high) // 2
        if meter.rough_bits(middle) > target_bits:
            low = middle
        else:
            high = middle
    return _search(
        lambda i: math.log2(meter.bits(i)),
        math.log2(max(target_bits, 1.0)),
        (low + high) // 2,
        slope=-1.2 / PER_OCTAVE,
        tolerance=math.log2(1 + RATE_TOLERANCE),
    )


def index_for_psnr(psnr: Callable[[int], float], target: float, start: int) -> int:
    """The step index whose PSNR comes nearest to ``target`` dB."""
    return _search(psnr, target, start, slope=-4.5 / PER_OCTAVE, tolerance=PSNR_TOLERANCE)


def _search(
    measure: Callable[[int], float], target: float, start: int, *, slope: float, tolerance: float
) -> int:
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
    return min(seen, key=lambda i: abs(seen[i] - target))

"""Where the values of a phase are expected, and in which context: the same on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual import pixel_loops
from viewer.codecs.residual.features import TileContext
from viewer.codecs.residual.parameters import WEIGHT_BITS, PhaseParameters


@dataclass(frozen=True, slots=True)
class Range:
    """What stored values lie within, and how many of them one symbol stands for.

    Parameters
    ----------
    low, high : int
    step : int
        Twice the largest error and one.
    """

    low: int
    high: int
    step: int = 1

    @property
    def bound(self) -> int:
        """The largest error."""
        return self.step // 2

    def nearest(self, expected: NDArray[np.int32], symbols: NDArray[np.int32]) -> NDArray[np.int32]:
        """The values that symbols stand for, 64-bit inside: damaged data must not wrap."""
        values = expected.astype(np.int64) + symbols.astype(np.int64) * self.step
        return np.clip(values, self.low, self.high).astype(np.int32)

    def symbols(self, expected: NDArray[np.int32], values: NDArray[np.int32]) -> NDArray[np.int32]:
        """Whole steps from what is expected to the values, within the bound."""
        if self.step == 1:
            return values - expected
        return (values - expected + self.bound) // self.step


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of a phase's pixels, in reading order where flat.

    Parameters
    ----------
    value : ndarray of int32, shape of the phase
        Stored value nearest to the mean.
    offset : ndarray of int32, flat
        Eighths of a step by which the mean lies beside it, 0 .. 4 without its sign.
    mirrored : ndarray of bool, flat
        Whether it lies below.
    context : ndarray of int32, flat
    """

    value: NDArray[np.int32]
    offset: NDArray[np.int32]
    mirrored: NDArray[np.bool_]
    context: NDArray[np.int32]


def expect(
    tile: TileContext, around: pixel_loops.Around, own: PhaseParameters, within: Range
) -> Expectation:
    """Predict a phase of a tile whose earlier phases are known."""
    shape = tile.shape(around.phase)
    value, offset, context = np.empty((3, *shape), np.int32)
    mirrored = np.empty(shape, bool)
    scale = pixel_loops.Scale(tile.darkest, tile.brightnesses, within.low, within.high, within.step)
    pixel_loops.expect(
        around,
        own.mean,
        own.scale,
        WEIGHT_BITS,
        own.curve,
        scale,
        value,
        offset,
        mirrored,
        context,
    )
    return Expectation(value, offset.ravel(), mirrored.ravel(), context.ravel())

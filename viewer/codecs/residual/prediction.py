"""Where the values of a phase are expected, and in which context: the same on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual.features import FRACTION_BITS, Plane, TileContext, weighted
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


def context_of(sums: Plane) -> NDArray[np.int32]:
    """Quarter octaves of sums of at least 1: exponent and two bits of the float32 itself."""
    whole = np.ascontiguousarray(np.maximum(sums, np.float32(1)))
    return (whole.view(np.int32) >> 21) - (127 << 2)


def mean_of(
    tile: TileContext, phase: int, signed: list[Plane], weights: NDArray[np.int16]
) -> NDArray[np.int32]:
    """The mean of each pixel in 1/64, before it is bounded."""
    sums = weighted(signed, weights)
    sums *= np.float32(1 / (1 << WEIGHT_BITS))
    sums += np.float32(0.5)
    return tile.picture(phase) + (np.floor(sums).astype(np.int32) << tile.shift)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a phase is predicted from; see `TileContext`.

    Parameters
    ----------
    signed, sizes : list of ndarray
    """

    signed: list[Plane]
    sizes: list[Plane]


def look(tile: TileContext, phase: int) -> Surroundings:
    """What is known around a phase of a tile whose earlier phases are."""
    signed = tile.signed(phase)
    return Surroundings(signed, tile.sizes(phase, signed))


def expect(
    tile: TileContext, phase: int, around: Surroundings, own: PhaseParameters, within: Range
) -> Expectation:
    """Predict a phase of a tile whose earlier phases are known."""
    signed = around.signed
    mean = mean_of(tile, phase, signed, own.mean)
    value = np.clip((mean + 32) >> FRACTION_BITS, within.low, within.high)
    rest = np.clip(mean - (value << FRACTION_BITS), -(1 << 20), 1 << 20)
    # Eighths of a step: rest / 64 * 8 / step, rounded.
    unit = 8 * within.step
    eighths = np.clip((2 * rest + unit) // (2 * unit), -4, 4).ravel()
    around.sizes[-2] = tile.noise(phase, own.curve)
    sums = weighted(around.sizes, own.scale)
    return Expectation(value, np.abs(eighths), eighths < 0, context_of(sums).ravel())

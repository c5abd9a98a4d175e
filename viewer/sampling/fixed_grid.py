"""The grid of a quantised density, in whole numbers: the same on every computer.

A density of 32 x 32 levels, each half a binary order apart, stands for the learned one. Gaussian,
sums and quotients of `viewer.sampling.density` are computed in 64-bit integers; what follows uses
single operations of float64 alone (`viewer.sampling.restoring`).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.sampling.density import FLOOR, MIRRORS, floored
from viewer.sampling.grid import Grid, Size, check_size, pinned, unfolded

NODES = 32
LEVELS = 16
"""Levels of the density; each is sqrt(2) times the one below."""

WIDTH_UNITS = 256
"""The kernel's FWHM is a whole number of these parts of the side."""

_PLACE_BITS = 20
_WEIGHT_BITS = 14
_FRACTION_BITS = 10

Levels = NDArray[np.uint8]
Integers = NDArray[np.int64]


def quantised(density: NDArray[np.floating]) -> Levels:
    """Return the levels, shape (32, 32), nearest to a density of any shape.

    The lowest level is the part that is spread evenly whatever the density says.
    """
    from viewer.linking import load_opencv

    load_opencv()
    import cv2

    whole = np.asarray(floored(density), np.float32)
    small = cv2.resize(whole, (NODES, NODES), interpolation=cv2.INTER_AREA)
    small = np.asarray(small, np.float64) / float(np.sum(small)) * small.size / FLOOR
    levels = np.rint(2.0 * np.log2(np.maximum(small, 1.0)))
    return np.clip(levels, 0, LEVELS - 1).astype(np.uint8)


def grid_of_levels(levels: Levels, size: Size, width: int) -> Grid:
    """Return the grid, the same to the bit everywhere.

    Parameters
    ----------
    levels : ndarray of uint8, shape (32, 32)
        0 .. 15.
    size : (rows, columns)
    width : int
        FWHM in 1/256 of the side, 16 .. 255.

    Raises
    ------
    SamplingError
    """
    rows, columns = check_size(size)
    if levels.shape != (NODES, NODES) or int(levels.max()) >= LEVELS:
        raise SamplingError("A quantised density has 32 x 32 levels of 0 to 15.")
    if not 2 * WIDTH_UNITS // NODES <= width < WIDTH_UNITS:
        raise SamplingError(f"A kernel of {width}/256 does not suit a quantised density.")
    # 16 sqrt(2)^level, rounded down.
    weight = np.array([math.isqrt(256 << level) for level in range(LEVELS)], np.int64)[levels]
    down, down_moments = _kernels(rows, width)
    across, across_moments = _kernels(columns, width)
    total = down @ weight @ across.T
    x = ((down @ weight @ across_moments.T) << 8) // total
    y = ((down_moments @ weight @ across.T) << 8) // total
    grid = np.empty((rows, columns, 2))
    unit = 1.0 / (1 << (_PLACE_BITS - 2))
    grid[..., 0] = np.arange(columns) / (columns - 1.0) + x * unit
    grid[..., 1] = (np.arange(rows) / (rows - 1.0))[:, None] + y * unit
    return unfolded(pinned(np.clip(grid, 0.0, 1.0)))


@lru_cache(maxsize=16)
def _kernels(positions: int, width: int) -> tuple[Integers, Integers]:
    """Weights in 1/2^14, and moments in 1/2^24 of the side, shape (positions, 32)."""
    place = (np.arange(positions, dtype=np.int64) << _PLACE_BITS) // (positions - 1)
    node = ((2 * np.arange(NODES, dtype=np.int64) + 1) << (_PLACE_BITS - 1)) // NODES
    shift = np.arange(-MIRRORS, MIRRORS + 1, dtype=np.int64) << (_PLACE_BITS + 1)
    images = np.concatenate([node[:, None] + shift, shift - node[:, None]], axis=1)
    offset = images[None] - place[:, None, None]
    wide = np.int64(width * ((1 << _PLACE_BITS) // WIDTH_UNITS))
    # The Gaussian is 2^-e with e = 4 (offset / width)^2, in parts of 1/1024.
    power = ((offset * offset) >> 8 << (_FRACTION_BITS + 2)) // ((wide * wide) >> 8)
    whole = np.minimum(power >> _FRACTION_BITS, 62)
    bell = _halvings()[power & ((1 << _FRACTION_BITS) - 1)] >> whole
    moments = (bell * offset) >> (_PLACE_BITS - 10)
    # Halves away from zero would favour one side; a shift rounds down on both, so that mirrored
    # offsets are made from one another.
    moments = np.where(offset < 0, -((bell * -offset) >> (_PLACE_BITS - 10)), moments)
    weights, firsts = bell.sum(axis=2), moments.sum(axis=2)
    weights.flags.writeable = firsts.flags.writeable = False
    return weights, firsts


@lru_cache(maxsize=1)
def _halvings() -> Integers:
    """2^(-k/1024) for k = 0 .. 1023 in 1/2^14, from whole roots of whole numbers."""
    wide = 64
    root = 1 << wide
    steps: list[int] = []
    for _ in range(_FRACTION_BITS):
        # The square root of half, of a quarter root of half, ...: 2^(-1/2), 2^(-1/4), ...
        root = math.isqrt((root if steps else root >> 1) << wide)
        steps.append(root)
    table = []
    for number in range(1 << _FRACTION_BITS):
        value = 1 << wide
        for bit, step in enumerate(steps):
            if number >> (_FRACTION_BITS - 1 - bit) & 1:
                value = value * step >> wide
        table.append((value >> (wide - _WEIGHT_BITS - 1)) + 1 >> 1)
    return np.array(table, np.int64)

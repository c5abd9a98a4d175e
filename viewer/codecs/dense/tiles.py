"""A picture as tiles of 28 x 28 values around their own mean, stretched by their own scale.

The autoencoder's sigmoids give values in 0 .. 1. A tile of a radiograph is a narrow band of greys
at any height, so a tile is kept as three things: its mean (12 bits of the picture's range), its
scale (the largest distance from the mean, in half powers of two), and what is then left, which
fills 0 .. 1 around 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 28
MEANS = 1 << 12
"""Levels of a mean over the picture's range."""

SCALES = 24
"""Scale k stands for a largest distance of 2^(-k/2)."""

Values = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Tiles:
    """The tiles of a picture, row by row.

    Attributes
    ----------
    means, scales : ndarray, shape (n,)
        Numbers of the levels.
    shapes : ndarray, shape (n, 784)
        What is left, in 0 .. 1.
    """

    means: Integers
    scales: Integers
    shapes: Values


def grid(rows: int, columns: int) -> tuple[int, int]:
    """Return how many rows and columns of tiles cover a picture."""
    return -(-rows // SIDE), -(-columns // SIDE)


def cut(values: Values) -> Tiles:
    """Return the tiles of a picture with values in 0 .. 1, continued by its last row and column."""
    down, across = grid(*values.shape)
    missing = ((0, down * SIDE - values.shape[0]), (0, across * SIDE - values.shape[1]))
    whole = np.pad(values, missing, mode="edge")
    tiles = whole.reshape(down, SIDE, across, SIDE).swapaxes(1, 2).reshape(-1, SIDE * SIDE)
    return normal(tiles)


def normal(tiles: Values) -> Tiles:
    """Return tiles (n, 784) of values in 0 .. 1 as means, scales and shapes."""
    means = np.rint(tiles.mean(1, dtype=np.float64) * (MEANS - 1)).astype(np.int64)
    around = tiles - level_of(means)[:, None]
    largest = np.abs(around).max(1)
    with np.errstate(divide="ignore"):
        scales = np.floor(-2 * np.log2(np.maximum(largest, 1e-9))).astype(np.int64)
    scales = np.clip(scales, 0, SCALES - 1)
    shapes = np.clip(around / (2 * scale_of(scales)[:, None]) + np.float32(0.5), 0, 1)
    return Tiles(means, scales, shapes.astype(np.float32))


def join(tiles: Tiles, rows: int, columns: int) -> Values:
    """Return the picture of some tiles, in 0 .. 1 but not clipped."""
    down, across = grid(rows, columns)
    values = (tiles.shapes - np.float32(0.5)) * (2 * scale_of(tiles.scales)[:, None])
    values = values + level_of(tiles.means)[:, None]
    whole = values.reshape(down, across, SIDE, SIDE).swapaxes(1, 2)
    return whole.reshape(down * SIDE, across * SIDE)[:rows, :columns].astype(np.float32)


def level_of(means: Integers) -> Values:
    """Return the value that each mean stands for."""
    return (means / (MEANS - 1)).astype(np.float32)


def scale_of(scales: Integers) -> Values:
    """Return the largest distance from the mean that each scale stands for."""
    return (2.0 ** (-scales / 2)).astype(np.float32)

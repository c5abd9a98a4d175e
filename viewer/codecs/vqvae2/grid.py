"""Twelve channels of one size instead of five bands of three sizes: how the prior sees a level.

Of a level whose low band is ``(h, w)`` the grid is ``(h / 2, w / 2)``. Channels: HL low at even and
odd columns, HL high likewise, LH low at even and odd rows, LH high likewise, HH at (even, even),
(even, odd), (odd, even), (odd, odd).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2 import grid_loops
from viewer.networks.vqvae2_prior import BAND_OF

T = TypeVar("T", bound=np.generic)
CHANNELS = len(BAND_OF)
BANDS = 5


def places(channel: int) -> tuple[slice, slice]:
    """Rows and columns of its band that a channel holds."""
    every, even, odd = slice(None), slice(0, None, 2), slice(1, None, 2)
    if channel < 4:
        return every, (even, odd)[channel % 2]
    if channel < 8:
        return (even, odd)[channel % 2], every
    return (even, odd)[(channel - 8) // 2], (even, odd)[channel % 2]


def band_shape(band: int, rows: int, columns: int) -> tuple[int, int]:
    """Shape of a band on a grid of ``rows`` x ``columns``."""
    return rows * (1 if band < 2 else 2), columns * (1 if band in (2, 3) else 2)


def to_grid(bands: list[NDArray[T]]) -> NDArray[T]:
    """Five bands to ``(12, rows, columns)``."""
    return np.stack([bands[band][places(c)] for c, band in enumerate(BAND_OF)])


def from_grid(grid: NDArray[T]) -> list[NDArray[T]]:
    """Undo `to_grid`."""
    _, rows, columns = grid.shape
    bands = [np.empty(band_shape(b, rows, columns), grid.dtype) for b in range(BANDS)]
    for channel, band in enumerate(BAND_OF):
        bands[band][places(channel)] = grid[channel]
    return bands


def finer(grid: NDArray[T]) -> NDArray[T]:
    """Codes of each band on the next finer grid, ``(12, r, c)`` to ``(5, 2r, 2c)``."""
    _, rows, columns = grid.shape
    out = np.empty((BANDS, 2 * rows, 2 * columns), grid.dtype)
    grid_loops.finer(grid, out)
    return out

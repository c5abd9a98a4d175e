"""The lowest band: integers predicted from a sparser grid of themselves, coarse to fine.

Passes halve the grid's spacing. In each, cells at odd rows and odd columns are predicted from
their four diagonal neighbours, then the rest from their straight ones. The first pass is the
top left cell alone. Every pass has one scale index for all its residuals, written by the encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.tables import SCALES

Values = Callable[[NDArray[np.int32], slice, slice], NDArray[np.int32]]
"""Given the predictions of a pass and the rows and columns it visits, hands back the values."""

_DIAGONAL = ((-1, -1), (1, -1), (-1, 1), (1, 1))
_STRAIGHT = ((-1, 0), (1, 0), (0, -1), (0, 1))
"""Down and across, in half spacings."""


def _spacing(height: int, width: int) -> int:
    spacing = 1
    while spacing < max(height, width):
        spacing *= 2
    return spacing


@dataclass(frozen=True, eq=False)
class _Pass:
    """The cells that a pass visits, and the neighbours that predict them.

    Parameters
    ----------
    rows, columns : slice
        What it visits.
    neighbours : ndarray of int, shape (4, cells)
        Places in the flat band.
    there : ndarray of int32, shape (4, cells)
        1 where the neighbour counts, else 0.
    diagonal : bool
        Whether they are the diagonal ones, which all count, four to a cell.
    shape : tuple of int
    """

    rows: slice
    columns: slice
    neighbours: NDArray[np.intp]
    there: NDArray[np.int64]
    diagonal: bool
    shape: tuple[int, int]

    def predictions(self, band: NDArray[np.int32]) -> NDArray[np.int32]:
        """Of its cells, from a band whose earlier passes are known."""
        taken = band.ravel()[self.neighbours].astype(np.int64)
        if self.diagonal:
            mean = (taken.sum(0) + 2) >> 2
        else:
            count = self.there.sum(0)
            mean = (2 * (taken * self.there).sum(0) + count) // np.maximum(2 * count, 1)
        return mean.astype(np.int32).reshape(self.shape)


def walk(height: int, width: int, values: Values) -> NDArray[np.int32]:
    """Visit the band in coding order; encoder and decoder differ in ``values`` alone."""
    band = np.zeros((height, width), np.int32)
    first = slice(0, 1)
    band[first, first] = values(np.zeros((1, 1), np.int32), first, first)
    for each in _passes(height, width):
        found = values(each.predictions(band), each.rows, each.columns)
        band[each.rows, each.columns] = found
    return band


@lru_cache(maxsize=16)
def _passes(height: int, width: int) -> tuple[_Pass, ...]:
    """All passes with cells, but for the first cell's."""
    found = []
    spacing = _spacing(height, width)
    while spacing > 1:
        half = spacing // 2
        for row, column in ((half, half), (0, half), (half, 0)):
            y, x = np.arange(row, height, spacing), np.arange(column, width, spacing)
            if not y.size or not x.size:
                continue
            neighbours, there = [], []
            for dy, dx in _DIAGONAL if row and column else _STRAIGHT:
                yy, xx = y + dy * half, x + dx * half
                inside = ((yy >= 0) & (yy < height))[:, None] & ((xx >= 0) & (xx < width))[None]
                if row and column:
                    # The last row and column of the sparser grid are repeated.
                    yy = np.minimum(yy, (height - 1) // spacing * spacing)
                    xx = np.minimum(xx, (width - 1) // spacing * spacing)
                # In the pass of even rows and odd columns the straight neighbours above and below
                # are the diagonal pass's; beside it the sparse grid's. All are known in both.
                yy, xx = np.clip(yy, 0, height - 1), np.clip(xx, 0, width - 1)
                neighbours.append((yy[:, None] * width + xx[None]).ravel())
                there.append(inside.ravel())
            found.append(
                _Pass(
                    slice(row, None, spacing),
                    slice(column, None, spacing),
                    np.stack(neighbours),
                    np.stack(there).astype(np.int64),
                    bool(row and column),
                    (y.size, x.size),
                )
            )
        spacing = half
    return tuple(found)


def passes(height: int, width: int) -> int:
    """How many passes `walk` makes, hence how many scale indices a tile has."""
    return 1 + len(_passes(height, width))


def scale_for(residuals: NDArray[np.int32]) -> int:
    """Scale index that suits these residuals (Laplace: the scale is the mean size)."""
    mean = float(np.abs(residuals).mean()) if residuals.size else 0.0
    return int(np.clip(np.floor(4 * (np.log2(max(mean, 0.0625)) + 4) + 0.5), 0, SCALES - 1))

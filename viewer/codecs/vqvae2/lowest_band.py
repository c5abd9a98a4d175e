"""The lowest band: integers predicted from a sparser grid of themselves, coarse to fine.

Passes halve the grid's spacing. In each, cells at odd rows and odd columns are predicted from
their four diagonal neighbours, then the rest from their straight ones. The first pass is the
top left cell alone. Every pass has one scale index for all its residuals, written by the encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.tables import SCALES

Values = Callable[[NDArray[np.int32], slice, slice], NDArray[np.int32]]
"""Given the predictions of a pass and the rows and columns it visits, hands back the values."""


def _spacing(height: int, width: int) -> int:
    spacing = 1
    while spacing < max(height, width):
        spacing *= 2
    return spacing


def walk(height: int, width: int, values: Values) -> NDArray[np.int32]:
    """Visit the band in coding order; encoder and decoder differ in ``values`` alone."""
    band = np.zeros((height, width), np.int32)
    spacing = _spacing(height, width)

    def visit(rows: slice, columns: slice, predictions: NDArray[np.int64]) -> None:
        if predictions.size:
            band[rows, columns] = values(predictions.astype(np.int32), rows, columns)

    visit(slice(0, 1), slice(0, 1), np.zeros((1, 1), np.int64))
    while spacing > 1:
        half = spacing // 2
        known = band[::spacing, ::spacing].astype(np.int64)
        padded = np.pad(known, ((0, 1), (0, 1)), mode="edge")
        rows, columns = band[half::spacing, half::spacing].shape
        mean = (
            padded[:rows, :columns]
            + padded[1 : rows + 1, :columns]
            + padded[:rows, 1 : columns + 1]
            + padded[1 : rows + 1, 1 : columns + 1]
            + 2
        ) >> 2
        visit(slice(half, None, spacing), slice(half, None, spacing), mean)
        for row, column in ((0, half), (half, 0)):
            mean = _straight(band, row, column, spacing, half)
            visit(slice(row, None, spacing), slice(column, None, spacing), mean)
        spacing = half
    return band


def _straight(
    band: NDArray[np.int32], row: int, column: int, spacing: int, half: int
) -> NDArray[np.int64]:
    """Mean of the neighbours half a spacing away that lie inside the band."""
    height, width = band.shape
    y = np.arange(row, height, spacing)
    x = np.arange(column, width, spacing)
    total = np.zeros((y.size, x.size), np.int64)
    count = np.zeros((y.size, x.size), np.int64)
    for dy, dx in ((-half, 0), (half, 0), (0, -half), (0, half)):
        # In the pass of even rows and odd columns the straight neighbours above and below are
        # the diagonal pass's; beside it the sparse grid's. All are known in both passes.
        yy, xx = y + dy, x + dx
        inside = ((yy >= 0) & (yy < height))[:, None] & ((xx >= 0) & (xx < width))[None]
        taken = band[np.clip(yy, 0, height - 1)[:, None], np.clip(xx, 0, width - 1)[None]]
        total += np.where(inside, taken, 0)
        count += inside
    return (2 * total + count) // np.maximum(2 * count, 1)


@lru_cache(maxsize=64)
def passes(height: int, width: int) -> int:
    """How many passes `walk` makes, hence how many scale indices a tile has."""
    count = 0

    def note(predictions: NDArray[np.int32], *_: slice) -> NDArray[np.int32]:
        nonlocal count
        count += 1
        return predictions

    walk(height, width, note)
    return count


def scale_for(residuals: NDArray[np.int32]) -> int:
    """Scale index that suits these residuals (Laplace: the scale is the mean size)."""
    mean = float(np.abs(residuals).mean()) if residuals.size else 0.0
    return int(np.clip(np.floor(4 * (np.log2(max(mean, 0.0625)) + 4) + 0.5), 0, SCALES - 1))

"""The way back: from the small picture on its grid to full size.

The samples are scattered to where they were taken and every cell is cut into two triangles, in each
of which values are linear. The triangles are filled row by row with half-open spans; neighbours
compute their common edge from the same two points in the same order, so that they leave neither
holes nor overlaps. Only additions, multiplications, divisions and roundings of float64 are used,
one after the other: the result is the same to the bit on every computer (IEEE 754).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.sampling.grid import Grid, cell_areas, check_grid

LARGEST_AREA = 1 << 28
"""Pixels beyond which no picture is restored."""

_BAND = 1 << 20
"""Pixels that are worked on at a time."""

Reals = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Located:
    """For each pixel of the full picture, where on the grid its centre lies.

    Attributes
    ----------
    grid
        The grid it was made for.
    rows, columns
        float32 (rows, columns): index of the cell plus the position in it, linear in each triangle.
        A picture restored through float32 positions is exact to the bit as well: rounding to
        float32 is defined.
    """

    grid: Grid
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Of the full picture."""
        return self.rows.shape[0], self.rows.shape[1]


def locate(
    grid: Grid,
    shape: tuple[int, int],
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Located:
    """Find the triangle of every pixel.

    Parameters
    ----------
    grid : ndarray, shape (h, w, 2)
    shape : (rows, columns)
        Of the full picture.

    Raises
    ------
    SamplingError
        For a grid that folds or does not cover, and for pictures without pixels or beyond 2^28.
    Cancelled
    """
    check_grid(grid)
    rows, columns = shape
    if rows < 1 or columns < 1 or rows * columns > LARGEST_AREA:
        raise SamplingError(f"A picture of {columns} x {rows} pixels cannot be restored.")
    triangles = _Triangles.of(grid, shape)
    found = np.zeros((2, rows, columns), np.float32)
    band = max(1, _BAND // columns)
    for start in range(0, rows, band):
        cancel.check()
        progress(start / rows, "restoring")
        triangles.fill(found, start, min(start + band, rows))
    return Located(grid, found[0], found[1])


def restore(
    sampled: NDArray[Any],
    grid: Grid | Located,
    shape: tuple[int, int] | None = None,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> NDArray[Any]:
    """Return the picture at full size.

    Parameters
    ----------
    sampled : ndarray, shape (h, w) or (h, w, channels)
        Integers come back rounded in their own type, reals as float32.
    grid : ndarray or Located
        The grid of the samples, or what `locate` found for it (to restore several).
    shape : (rows, columns)
        Of the full picture; left out with a `Located`.

    Raises
    ------
    SamplingError
    Cancelled
    """
    if isinstance(grid, Located):
        located = grid
    elif shape is None:
        raise SamplingError("The size of the picture to restore is missing.")
    else:
        located = locate(grid, shape, progress=progress, cancel=cancel)
    if sampled.shape[:2] != located.grid.shape[:2]:
        raise SamplingError(
            f"A sampled picture of {sampled.shape[1]} x {sampled.shape[0]} does not belong to a "
            f"grid of {located.grid.shape[1]} x {located.grid.shape[0]}."
        )
    whole = sampled.dtype.kind in "ui"
    out = np.empty((*located.shape, *sampled.shape[2:]), sampled.dtype if whole else np.float32)
    values = sampled.astype(np.float64)
    band = max(1, _BAND // located.shape[1])
    for start in range(0, located.shape[0], band):
        cancel.check()
        part = _interpolated(values, located, slice(start, start + band))
        out[start : start + band] = np.rint(part) if whole else part
    return out


def magnification(located: Located) -> NDArray[np.float32]:
    """Return, for every pixel, how many times more samples lie there than on the uniform grid."""
    row = located.rows.astype(np.intp)
    column = located.columns.astype(np.intp)
    inverse = (1.0 / cell_areas(located.grid)).astype(np.float32)
    return inverse[np.minimum(row, inverse.shape[0] - 1), np.minimum(column, inverse.shape[1] - 1)]


def _interpolated(values: Reals, located: Located, band: slice) -> Reals:
    rows, columns = located.rows[band], located.columns[band]
    row = np.minimum(rows.astype(np.intp), values.shape[0] - 2)
    column = np.minimum(columns.astype(np.intp), values.shape[1] - 2)
    down = rows.astype(np.float64) - row
    across = columns.astype(np.float64) - column
    # The diagonal runs from the first to the last corner: above it lies the corner to the right.
    above = across >= down
    # One index a sample: gathering along one axis is several times faster than along two.
    width = values.shape[1]
    flat = values.reshape(-1, *values.shape[2:])
    place = row * width + column
    first, last = flat.take(place, axis=0), flat.take(place + (width + 1), axis=0)
    corner = flat.take(place + np.where(above, 1, width), axis=0)
    larger, smaller = np.where(above, across, down), np.where(above, down, across)
    if values.ndim == 3:
        larger, smaller = larger[..., None], smaller[..., None]
    mixed: Reals = first + larger * (corner - first) + smaller * (last - corner)
    return mixed


@dataclass(frozen=True)
class _Triangles:
    """Two triangles a cell, their corners sorted by height, in pixels (centres whole numbers)."""

    corner: Reals  # (count, 3, 2): x, y by rising y
    origin: Reals  # (count, 2): the cell's first corner
    inverse: Reals  # (count, 2, 2): from pixels to (down, across) in the cell
    cell: Indices  # (count, 2)

    @classmethod
    def of(cls, grid: Grid, shape: tuple[int, int]) -> _Triangles:
        points = grid * np.array([shape[1], shape[0]], np.float64) - 0.5
        first, right = points[:-1, :-1].reshape(-1, 2), points[:-1, 1:].reshape(-1, 2)
        below, last = points[1:, :-1].reshape(-1, 2), points[1:, 1:].reshape(-1, 2)
        places = np.stack(
            np.meshgrid(*map(np.arange, (grid.shape[0] - 1, grid.shape[1] - 1)), indexing="ij"),
            axis=-1,
        ).reshape(-1, 2)
        # Upper triangle: (x, y) = first + across (right - first) + down (last - right).
        upper = _inverse(last - right, right - first)
        # Lower triangle: (x, y) = first + down (below - first) + across (last - below).
        lower = _inverse(below - first, last - below)
        corner = np.concatenate(
            [np.stack([first, right, last], 1), np.stack([first, below, last], 1)]
        )
        order = np.argsort(corner[..., 1], axis=1, kind="stable")
        return cls(
            np.take_along_axis(corner, order[..., None], axis=1),
            np.concatenate([first, first]),
            np.concatenate([upper, lower]),
            np.concatenate([places, places]),
        )

    def fill(self, found: NDArray[np.float32], start: int, stop: int) -> None:
        """Write the positions of the pixels of rows ``start`` to ``stop``."""
        top, bottom = np.ceil(self.corner[:, 0, 1]), np.ceil(self.corner[:, 2, 1])
        top = np.maximum(top, start).astype(np.intp)
        bottom = np.minimum(bottom, stop).astype(np.intp)
        triangle, row = _expanded(top, np.maximum(bottom - top, 0))
        corner = self.corner[triangle]
        height = row.astype(np.float64)
        long = _edge_x(corner[:, 0], corner[:, 2], height)
        short = np.where(
            height < corner[:, 1, 1],
            _edge_x(corner[:, 0], corner[:, 1], height),
            _edge_x(corner[:, 1], corner[:, 2], height),
        )
        left = np.clip(np.ceil(np.minimum(long, short)), 0, found.shape[2]).astype(np.intp)
        right = np.clip(np.ceil(np.maximum(long, short)), 0, found.shape[2]).astype(np.intp)
        span, column = _expanded(left, right - left)
        row, triangle = row[span], triangle[span]
        x = column - self.origin[triangle, 0]
        y = row - self.origin[triangle, 1]
        inverse = self.inverse[triangle]
        for axis in range(2):
            inside = inverse[:, axis, 0] * x + inverse[:, axis, 1] * y
            found[axis, row, column] = self.cell[triangle, axis] + np.clip(inside, 0.0, 1.0)


def _inverse(down: Reals, across: Reals) -> Reals:
    """Rows of the inverse of the matrix with these columns: pixels to (down, across)."""
    area = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
    rows = [[-across[:, 1], across[:, 0]], [down[:, 1], -down[:, 0]]]
    return np.stack([np.stack([value / area for value in row], axis=1) for row in rows], axis=1)


def _edge_x(lower: Reals, upper: Reals, height: Reals) -> Reals:
    rise = upper[:, 1] - lower[:, 1]
    slope = (upper[:, 0] - lower[:, 0]) / np.where(rise == 0.0, 1.0, rise)
    place: Reals = lower[:, 0] + (height - lower[:, 1]) * slope
    return place


def _expanded(start: Indices, count: Indices) -> tuple[Indices, Indices]:
    """For each run of ``count`` numbers from ``start``: the run's index, and the number."""
    run = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    return run, np.arange(len(run)) - first[run] + start[run]

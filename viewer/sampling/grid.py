"""The sampling grid: where in the picture each sample of the small picture lies.

A grid is float64 of shape (h, w, 2). ``grid[i, j]`` is ``(x, y)`` in shares of the picture's width
and height: 0 is the outer edge of the first column or row, 1 that of the last one, and the centre
of column c of W lies at (c + 0.5) / W. The first and last column lie on the left and right edge,
the first and last row on the upper and lower one, so that the grid covers the picture, and every
cell is convex and keeps its orientation, so that the way back is unique.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError

Grid = NDArray[np.float64]
Size = tuple[int, int]

LARGEST_SIDE = 4096
"""Samples a side beyond which no grid is made."""

LEAST_AREA = 0.02
"""Smallest corner area of a cell, 1 being a cell of the uniform grid."""

_STEPS = 64


def check_size(size: Size) -> Size:
    """Return the target size (rows, columns) as given.

    Raises
    ------
    SamplingError
        Outside 2 .. 4096 a side.
    """
    rows, columns = size
    if not (2 <= rows <= LARGEST_SIDE and 2 <= columns <= LARGEST_SIDE):
        raise SamplingError(
            f"A sampling grid of {columns} x {rows} cannot be made; "
            f"each side has 2 to {LARGEST_SIDE} samples."
        )
    return rows, columns


def uniform_grid(size: Size) -> Grid:
    """Return the grid with equal distances."""
    rows, columns = check_size(size)
    grid = np.empty((rows, columns, 2))
    grid[..., 0] = np.linspace(0.0, 1.0, columns)
    grid[..., 1] = np.linspace(0.0, 1.0, rows)[:, None]
    return grid


def corner_areas(grid: Grid) -> NDArray[np.float64]:
    """Return the Jacobian at the four corners of every cell, 1 on the uniform grid.

    Returns
    -------
    ndarray, shape (4, h - 1, w - 1)
        A cell is convex and not turned over where all four are positive; bilinear interpolation of
        its corners is then one to one.
    """
    upper, lower = grid[:-1, 1:] - grid[:-1, :-1], grid[1:, 1:] - grid[1:, :-1]
    left, right = grid[1:, :-1] - grid[:-1, :-1], grid[1:, 1:] - grid[:-1, 1:]
    cells = (grid.shape[0] - 1) * (grid.shape[1] - 1)
    return cells * np.stack(
        [_cross(upper, left), _cross(upper, right), _cross(lower, left), _cross(lower, right)]
    )


def cell_areas(grid: Grid) -> NDArray[np.float64]:
    """Return the area of every cell, shape (h - 1, w - 1), 1 on the uniform grid."""
    return corner_areas(grid).mean(axis=0)


def node_areas(grid: Grid) -> NDArray[np.float64]:
    """Return the area that falls to each sample, shape (h, w), 1 inside the uniform grid."""
    areas = np.pad(cell_areas(grid), 1, mode="edge")
    return 0.25 * (areas[:-1, :-1] + areas[1:, :-1] + areas[:-1, 1:] + areas[1:, 1:])


def pinned(grid: Grid) -> Grid:
    """Return the grid with its outer samples on the picture's edges."""
    moved = grid.copy()
    moved[:, 0, 0] = 0.0
    moved[:, -1, 0] = 1.0
    moved[0, :, 1] = 0.0
    moved[-1, :, 1] = 1.0
    return moved


def unfolded(grid: Grid, least: float = LEAST_AREA) -> Grid:
    """Return the grid, drawn towards the uniform one as far as its cells need to be unfolded.

    The published grids can fold; this is not in the papers. The result is
    ``(1 - t) uniform + t grid`` with the largest t of k/64 at which every corner area is at least
    ``least``; at t = 0 all are 1.

    Parameters
    ----------
    grid : ndarray, shape (h, w, 2)
        With its border on the picture's edges.
    least : float
        In 0 .. 1, as in `corner_areas`.
    """
    start = uniform_grid((grid.shape[0], grid.shape[1]))
    for step in range(_STEPS, 0, -1):
        share = step / _STEPS
        mixed = grid if step == _STEPS else (1.0 - share) * start + share * grid
        if float(corner_areas(mixed).min()) >= least:
            return pinned(mixed)
    return start


def check_grid(grid: Grid) -> Grid:
    """Return a grid that covers the picture and has no fold.

    Raises
    ------
    SamplingError
    """
    if grid.ndim != 3 or grid.shape[2] != 2:
        raise SamplingError(f"A sampling grid has the shape (h, w, 2), not {grid.shape}.")
    check_size((grid.shape[0], grid.shape[1]))
    if not bool(np.isfinite(grid).all()):
        raise SamplingError("The sampling grid holds positions that are not numbers.")
    if not bool(np.array_equal(grid, pinned(grid))):
        raise SamplingError("The sampling grid does not reach the picture's edges.")
    if float(corner_areas(grid).min()) <= 0:
        raise SamplingError("The sampling grid folds over itself.")
    return grid


def resized(grid: Grid, size: Size) -> Grid:
    """Return the grid with another number of samples, bilinear between those it has.

    A grid of convex cells stays one: the Jacobian inside a cell lies between those of its corners.
    """
    rows, columns = check_size(size)
    down = _linear(grid.shape[0], rows)
    across = _linear(grid.shape[1], columns)
    return pinned(np.einsum("ih,hwk,jw->ijk", down, grid, across))


def _linear(nodes: int, positions: int) -> NDArray[np.float64]:
    """Weights (positions, nodes) of linear interpolation over the same length."""
    place = np.linspace(0.0, nodes - 1.0, positions)
    return np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(nodes)))


def _cross(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return product

"""The grid that leans on boundaries (Marin et al., ICCV 2019, arXiv 1907.07156).

It is the minimum of

    E(phi) = sum |phi_ij - b(u_ij)|^2 + smoothness sum |phi_ij - phi_i'j'|^2

over grids that cover the picture, with u_ij the uniform grid, b(u) the boundary point nearest to u,
and the second sum over neighbours. E is quadratic and the constraints fix single coordinates, so
that the minimum is the solution of one sparse linear system for x and one for y.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.sampling.boundaries import Labels, boundary
from viewer.sampling.grid import Grid, Size, resized, unfolded, uniform_grid

NODES = 8
"""Nodes a side at which the energy is minimised, as published; the grid is bilinear between."""

SMOOTHNESS = 1.0


def nearest_boundary(labels: Labels, nodes: Size) -> Grid:
    """Return for each uniform node the nearest boundary point, itself where there is none."""
    places = uniform_grid(nodes)
    rows, columns = np.nonzero(boundary(labels))
    if len(rows) == 0:
        return places
    from scipy.spatial import cKDTree

    points = np.stack([(columns + 0.5) / labels.shape[1], (rows + 0.5) / labels.shape[0]], axis=1)
    _, nearest = cKDTree(points).query(places.reshape(-1, 2))
    return np.asarray(points[nearest], np.float64).reshape(places.shape)


def minimise(targets: Grid, smoothness: float = SMOOTHNESS) -> Grid:
    """Return the grid of least energy for the points that its nodes are drawn to.

    Parameters
    ----------
    targets : ndarray, shape (h, w, 2)
        b(u).
    smoothness : float
        Lambda, above 0.
    """
    rows, columns = targets.shape[:2]
    places = uniform_grid((rows, columns))
    solved = np.empty_like(places)
    matrix = _energy_matrix(rows, columns, smoothness)
    for axis in range(2):
        fixed = np.zeros((rows, columns), bool)
        if axis == 0:
            fixed[:, [0, -1]] = True
        else:
            fixed[[0, -1]] = True
        known = fixed.ravel()
        value = np.where(known, places[..., axis].ravel(), 0.0)
        wanted = targets[..., axis].ravel() - matrix @ value
        free = np.flatnonzero(~known)
        if len(free):
            from scipy.sparse.linalg import spsolve

            value[free] = spsolve(matrix[free][:, free].tocsc(), wanted[free])
        solved[..., axis] = value.reshape(rows, columns)
    return solved


def energy(grid: Grid, targets: Grid, smoothness: float = SMOOTHNESS) -> float:
    """Return E of a grid."""
    rough = np.square(np.diff(grid, axis=0)).sum() + np.square(np.diff(grid, axis=1)).sum()
    return float(np.square(grid - targets).sum() + smoothness * rough)


def edge_nodes(labels: Labels, nodes: int = NODES, smoothness: float = SMOOTHNESS) -> Grid:
    """Return the grid of least energy on reference boundaries, shape (nodes, nodes, 2), unfolded.

    Unfolding is not published; where a label map has no boundary the grid is uniform.
    """
    return unfolded(minimise(nearest_boundary(labels, (nodes, nodes)), smoothness))


def edge_grid(labels: Labels, size: Size, nodes: int = NODES) -> Grid:
    """Return `edge_nodes` with as many samples as asked for."""
    return resized(edge_nodes(labels, nodes), size)


def _energy_matrix(rows: int, columns: int, smoothness: float) -> Any:
    from scipy import sparse

    def path(count: int) -> Any:
        steps = sparse.diags([-np.ones(count - 1), np.ones(count - 1)], [0, 1], (count - 1, count))
        return steps.T @ steps

    neighbours = sparse.kron(path(rows), sparse.identity(columns)) + sparse.kron(
        sparse.identity(rows), path(columns)
    )
    return (sparse.identity(rows * columns) + smoothness * neighbours).tocsr()


def as_nodes(values: NDArray[np.floating]) -> Grid:
    """Return regressed offsets from the uniform nodes, shape (nodes, nodes, 2), as a whole grid.

    What the energy's constraints ask for is put in place: the borders pinned, no fold.
    """
    from viewer.sampling.grid import pinned

    places = uniform_grid((values.shape[0], values.shape[1]))
    return unfolded(pinned(np.clip(places + np.asarray(values, np.float64), 0.0, 1.0)))

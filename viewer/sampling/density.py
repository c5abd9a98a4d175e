"""From a density to a sampling grid (Recasens et al. 2018; Jin et al., ICLR 2022).

Sample (i, j) moves to the mean of all positions near it, weighted with density and a Gaussian:

    x(i, j) = sum d(q) k(|p_ij - q|) q_x / sum d(q) k(|p_ij - q|),  k(r) = exp(-4 ln 2 r^2 / FWHM^2)

Two things differ from the published form, so that the grid neither leaves the borders nor folds.
The density is mirrored at the borders instead of its edge being repeated: what pulls a border
sample inwards then pulls it outwards alike, and it stays on its edge. The Gaussian keeps all its
support instead of ending at its full width: the map's Jacobian is then the covariance of the
weighted positions over the Gaussian's variance, which is positive. What rounding and the distance
of samples leave is undone by `viewer.sampling.grid.unfolded`.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.sampling.grid import Grid, Size, check_size, pinned, unfolded

FLOOR = 0.1
"""Share of the samples that is spread evenly whatever the density says."""

MIRRORS = 2
"""Mirror images on either side that are taken into the sums."""

Matrix = NDArray[np.float64]


def floored(density: NDArray[np.floating], floor: float = FLOOR) -> Matrix:
    """Return a density that sums to 1 and nowhere falls below ``floor`` of the even one.

    Parameters
    ----------
    density : ndarray, shape (rows, columns)
        Not negative, finite; all zero means even.

    Raises
    ------
    SamplingError
    """
    values = np.asarray(density, np.float64)
    if values.ndim != 2 or min(values.shape) < 2:
        raise SamplingError(f"A density has two dimensions, 2 x 2 or more, not {values.shape}.")
    if not bool(np.isfinite(values).all()) or float(values.min()) < 0:
        raise SamplingError("A density has finite values that are not negative.")
    largest = float(values.max())
    if largest == 0.0:
        return np.full(values.shape, 1.0 / values.size)
    values = values / largest
    mixed: Matrix = (1.0 - floor) * values / values.sum() + floor / values.size
    return mixed / mixed.sum()


def check_width(width: float, nodes: int) -> float:
    """Return the kernel's FWHM in shares of the picture's side, as given.

    Raises
    ------
    SamplingError
        When it is narrower than two nodes of the density, where the grid would show the nodes, or
        wider than the picture.
    """
    if not 2.0 / nodes <= width <= 1.0:
        raise SamplingError(
            f"A kernel of width {width:g} does not suit a density of {nodes} nodes; "
            f"it has {2 / nodes:.3g} to 1 of the picture's side."
        )
    return width


@lru_cache(maxsize=64)
def kernels(positions: int, nodes: int, width: float) -> tuple[Matrix, Matrix]:
    """Return the Gaussian's weights and first moments along one side.

    Parameters
    ----------
    positions : int
        Samples, at i / (positions - 1).
    nodes : int
        Of the density, at (q + 0.5) / nodes and mirrored at 0 and 1.
    width : float
        FWHM in shares of the side.

    Returns
    -------
    weights, moments : ndarray, shape (positions, nodes)
        Not to be written to. ``moments`` is weighted with the distance of the node, or its mirror
        image, from the sample: displacements keep more digits than positions.
    """
    place = np.linspace(0.0, 1.0, positions)[:, None, None]
    node = ((np.arange(nodes) + 0.5) / nodes)[None, :, None]
    shift = 2.0 * np.arange(-MIRRORS, MIRRORS + 1)[None, None, :]
    offsets = np.concatenate([node + shift - place, shift - node - place], axis=2)
    bells = np.exp(-4.0 * math.log(2.0) * (offsets / width) ** 2)
    weights, moments = bells.sum(axis=2), (bells * offsets).sum(axis=2)
    weights.flags.writeable = moments.flags.writeable = False
    return weights, moments


def grid_of_density(density: NDArray[np.floating], size: Size, width: float) -> Grid:
    """Return the grid that puts samples where the density is.

    Parameters
    ----------
    density : ndarray, shape (rows, columns)
        Over the whole picture; normalised and floored here.
    size : (rows, columns)
        Of the small picture.
    width : float
        FWHM of the Gaussian in shares of the picture's side; the paper's R over the grid's side
        (15/64 on Cityscapes).

    Returns
    -------
    ndarray, shape (rows, columns, 2)
        See `viewer.sampling.grid`.

    Raises
    ------
    SamplingError
    """
    rows, columns = check_size(size)
    even = floored(density)
    check_width(width, min(even.shape))
    down, down_moments = kernels(rows, even.shape[0], width)
    across, across_moments = kernels(columns, even.shape[1], width)
    total = down @ even @ across.T
    grid = np.empty((rows, columns, 2))
    grid[..., 0] = np.linspace(0.0, 1.0, columns) + (down @ even @ across_moments.T) / total
    grid[..., 1] = np.linspace(0.0, 1.0, rows)[:, None] + (down_moments @ even @ across.T) / total
    return unfolded(pinned(np.clip(grid, 0.0, 1.0)))

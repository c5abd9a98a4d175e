"""Samples of a picture at the positions of a grid, each over the area that falls to it.

The papers take one bilinear value at each position. Twenty pixels apart, noise and ribs would alias
into the small picture; here each sample is read from a pyramid of averages at the level of its own
distance to its neighbours, the same for every grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.linking import load_opencv
from viewer.sampling.grid import Grid, check_grid, node_areas

LEVEL_BIAS = -0.5
"""Added to the binary logarithm of a sample's distance: bilinear reading widens it again."""

_SMALLEST_LEVEL = 8

Picture = NDArray[Any]


@dataclass(frozen=True)
class Pyramid:
    """A picture and its averages over 2 x 2, 4 x 4, ... pixels, all over the same extent.

    Attributes
    ----------
    levels
        float32 (rows, columns) or (rows, columns, channels), the picture first.
    """

    levels: tuple[NDArray[np.float32], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return self.levels[0].shape[0], self.levels[0].shape[1]


def check_picture(picture: Picture) -> Picture:
    """Return a picture that can be sampled.

    Raises
    ------
    SamplingError
    """
    if picture.ndim not in (2, 3) or 0 in picture.shape:
        raise SamplingError(f"A picture of the shape {picture.shape} cannot be sampled.")
    if picture.dtype.kind not in "uifb":
        raise SamplingError(f"A picture of {picture.dtype} cannot be sampled.")
    return picture


def build_pyramid(picture: Picture) -> Pyramid:
    """Return the pyramid of a picture, (rows, columns) or (rows, columns, channels).

    Raises
    ------
    SamplingError
        When the picture is empty or of another kind.
    """
    load_opencv()
    import cv2

    levels = [np.ascontiguousarray(check_picture(picture), np.float32)]
    while min(levels[-1].shape[:2]) >= 2 * _SMALLEST_LEVEL:
        rows, columns = levels[-1].shape[:2]
        half = ((columns + 1) // 2, (rows + 1) // 2)
        smaller = cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA)
        levels.append(smaller.reshape(half[1], half[0], *levels[-1].shape[2:]))
    return Pyramid(tuple(levels))


def sample(picture: Picture | Pyramid, grid: Grid, *, averaged: bool = True) -> NDArray[np.float32]:
    """Return the small picture.

    Parameters
    ----------
    picture : ndarray or Pyramid
        Any size, also smaller than the grid.
    grid : ndarray, shape (h, w, 2)
    averaged : bool
        False reads one bilinear value at each position, as the papers do.

    Returns
    -------
    ndarray of float32, shape (h, w) or (h, w, channels)

    Raises
    ------
    SamplingError
    """
    check_grid(grid)
    pyramid = picture if isinstance(picture, Pyramid) else build_pyramid(picture)
    if not averaged:
        return _bilinear(pyramid.levels[0], grid).astype(np.float32)
    heights = np.clip(sample_levels(grid, pyramid.shape), 0.0, len(pyramid.levels) - 1.0)
    result = np.zeros((*grid.shape[:2], *pyramid.levels[0].shape[2:]))
    for number, level in enumerate(pyramid.levels):
        share = np.maximum(0.0, 1.0 - np.abs(heights - number))
        if bool(share.any()):
            share = share.reshape(*share.shape, *(1,) * (result.ndim - 2))
            result += share * _bilinear(level, grid)
    return result.astype(np.float32)


def sample_levels(grid: Grid, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the level of the pyramid at which each sample is read, not bounded."""
    cells = (grid.shape[0] - 1) * (grid.shape[1] - 1)
    pixels = node_areas(grid) * (shape[0] * shape[1] / cells)
    return 0.5 * np.log2(np.maximum(pixels, 1e-12)) + LEVEL_BIAS


def sample_labels(labels: Picture, grid: Grid) -> Picture:
    """Return the label of the pixel in which each sample lies."""
    check_grid(grid)
    rows, columns = labels.shape[:2]
    down = np.clip((grid[..., 1] * rows).astype(np.intp), 0, rows - 1)
    across = np.clip((grid[..., 0] * columns).astype(np.intp), 0, columns - 1)
    return labels[down, across]


def spacing_in_pixels(size: tuple[int, int], shape: tuple[int, int]) -> float:
    """Return the mean distance of the samples of a grid of ``size`` over ``shape`` pixels."""
    return math.sqrt(shape[0] * shape[1] / ((size[0] - 1) * (size[1] - 1)))


def _bilinear(level: NDArray[np.float32], grid: Grid) -> NDArray[np.float64]:
    rows, columns = level.shape[:2]
    x = np.clip(grid[..., 0] * columns - 0.5, 0.0, columns - 1.0)
    y = np.clip(grid[..., 1] * rows - 0.5, 0.0, rows - 1.0)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    extra = (1,) * (level.ndim - 2)
    across, down = ((v - v.astype(np.intp)).reshape(*v.shape, *extra) for v in (x, y))
    upper = (1.0 - across) * level[top, left] + across * level[top, right]
    lower = (1.0 - across) * level[bottom, left] + across * level[bottom, right]
    mixed: NDArray[np.float64] = (1.0 - down) * upper + down * lower
    return mixed

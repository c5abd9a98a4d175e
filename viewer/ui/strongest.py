"""Planes of errors at any zoom: a screen pixel takes the strongest error below it. No Qt here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.ui.geometry import Geometry
from viewer.ui.resampling import device_centres, nearest_pixels, taken

Plane = NDArray[Any]
_SMALL = 512
"""Side below which a halving takes no time."""


class StrongestPyramid:
    """Planes of unsigned strengths and their halvings by the maximum.

    Those of large planes are made at once: a map is made in the background, and drawn in the
    window's thread.

    Parameters
    ----------
    planes : ndarray, shape (rows, columns)
        All of one shape.
    """

    def __init__(self, *planes: Plane) -> None:
        self._levels: list[tuple[Plane, ...]] = [planes]
        while min(self._levels[-1][0].shape) > _SMALL:
            self._add_level()

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The planes themselves."""
        return self._levels[0]

    def visible(self, geometry: Geometry) -> tuple[Plane, ...]:
        """Return the visible part of each plane, one value a device pixel."""
        if geometry.device_scale >= 1 - 1e-9:
            columns, rows = nearest_pixels(geometry)
            return tuple(taken(plane, rows, columns) for plane in self.planes)
        return self._pooled(geometry)

    def _add_level(self) -> None:
        self._levels.append(tuple(_halved(plane) for plane in self._levels[-1]))

    def _pooled(self, geometry: Geometry) -> tuple[Plane, ...]:
        wanted = max(0, math.floor(math.log2(1 / geometry.device_scale) + 1e-9))
        while len(self._levels) <= wanted and min(self._levels[-1][0].shape) > 1:
            self._add_level()
        depth = min(wanted, len(self._levels) - 1)
        x0, y0, x1, y1 = geometry.device_rectangle()
        across, down = device_centres(geometry, x0, x1, y0, y1)
        # From the left edge of each device pixel two level pixels cover all up to the next one.
        half_x = 0.5 / geometry.device_scale
        half_y = half_x / geometry.aspect
        size = 1 << depth
        level = self._levels[depth]
        rows, columns = level[0].shape
        first_x = np.clip(np.floor((across - half_x) / size), 0, columns - 1).astype(np.intp)
        first_y = np.clip(np.floor((down - half_y) / size), 0, rows - 1).astype(np.intp)
        reach_y = max(2, math.ceil(1 / (geometry.device_scale * geometry.aspect * size)))
        return tuple(_window_maximum(plane, first_x, first_y, reach_y) for plane in level)


def _halved(plane: Plane) -> Plane:
    rows, columns = plane.shape
    if rows % 2 or columns % 2:
        plane = np.pad(plane, ((0, rows % 2), (0, columns % 2)))
    pairs = np.maximum(plane[::2], plane[1::2])
    return np.maximum(pairs[:, ::2], pairs[:, 1::2])


def _window_maximum(
    plane: Plane, first_x: NDArray[np.intp], first_y: NDArray[np.intp], reach_y: int
) -> Plane:
    if not len(first_x) or not len(first_y):
        return plane[:0, :0]
    last_row, last_column = plane.shape[0] - 1, plane.shape[1] - 1
    left, right = int(first_x[0]), min(int(first_x[-1]) + 2, last_column + 1)
    part = plane[:, left:right]
    rows = part[first_y]
    for step in range(1, reach_y):
        rows = np.maximum(rows, part[np.minimum(first_y + step, last_row)])
    first = first_x - left
    return np.maximum(rows[:, first], rows[:, np.minimum(first + 1, right - left - 1)])

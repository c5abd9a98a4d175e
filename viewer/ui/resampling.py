"""Stored pixels at the resolution of the screen: only what is visible, only as fine as shown.

A grey table is then applied to some hundred thousand values instead of millions, which is what
lets the window follow a window/level drag. No Qt here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import StoredPixels
from viewer.ui.geometry import Geometry

_NATIVE = (np.uint8, np.uint16, np.int16)
"""Types that OpenCV averages without a detour."""


class Pyramid:
    """An image and its halvings by area mean, each made when first needed.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values of any integer type.
    """

    def __init__(self, pixels: StoredPixels) -> None:
        self._levels = [pixels]

    @property
    def pixels(self) -> StoredPixels:
        """The image itself."""
        return self._levels[0]

    def level_for(self, device_scale: float) -> StoredPixels:
        """Return the smallest level that still has a pixel for every device pixel."""
        level = max(0, math.floor(math.log2(1 / device_scale) + 1e-9)) if device_scale < 1 else 0
        while len(self._levels) <= level and min(self._levels[-1].shape[:2]) > 1:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[min(level, len(self._levels) - 1)]

    def visible(self, geometry: Geometry) -> StoredPixels:
        """Return the visible part, one value a device pixel.

        Returns
        -------
        ndarray
            Shape of ``geometry.device_rectangle()``; stored values: from 1:1 upwards those of
            the nearest pixel, below 1:1 averages of what falls together.
        """
        if geometry.device_scale >= 1 - 1e-9:
            columns, rows = nearest_pixels(geometry)
            return taken(self.pixels, rows, columns)
        return _smoothed(self.level_for(geometry.device_scale), self.pixels, geometry)


def nearest_pixels(geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return the column under each device column and the row under each device row."""
    x0, y0, x1, y1 = geometry.device_rectangle()
    across, down = device_centres(geometry, x0, x1, y0, y1)
    columns = np.clip(np.floor(across), 0, geometry.columns - 1).astype(np.intp)
    rows = np.clip(np.floor(down), 0, geometry.rows - 1).astype(np.intp)
    return columns, rows


def taken(plane: np.ndarray, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> np.ndarray:
    """Return the pixels at rising rows and columns, reading what lies between their ends alone."""
    if not len(rows) or not len(columns):
        return plane[:0, :0]
    top, left = int(rows[0]), int(columns[0])
    part = plane[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    if part.shape[:2] == (len(rows), len(columns)):
        return part  # one pixel for each: 1:1
    return part[rows - top][:, columns - left]


def device_centres(
    geometry: Geometry, x0: int, x1: int, y0: int, y1: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the image coordinates of the middles of device columns and rows."""
    left, top = geometry.origin
    across = ((np.arange(x0, x1) + 0.5) / geometry.ratio - left) / geometry.scale_x
    down = ((np.arange(y0, y1) + 0.5) / geometry.ratio - top) / geometry.scale_y
    return across, down


def _smoothed(level: StoredPixels, full: StoredPixels, geometry: Geometry) -> StoredPixels:
    import cv2

    x0, y0, x1, y1 = geometry.device_rectangle()
    if x1 <= x0 or y1 <= y0:
        return full[:0, :0]
    fx, fy = level.shape[1] / full.shape[1], level.shape[0] / full.shape[0]
    left, top = geometry.origin
    step_x = fx / (geometry.scale_x * geometry.ratio)
    step_y = fy / (geometry.scale_y * geometry.ratio)
    first_x = ((x0 + 0.5) / geometry.ratio - left) / geometry.scale_x * fx - 0.5
    first_y = ((y0 + 0.5) / geometry.ratio - top) / geometry.scale_y * fy - 0.5
    # Crop first: OpenCV addresses at most 32767 pixels a side.
    cut_x, cut_y = max(0, math.floor(first_x) - 1), max(0, math.floor(first_y) - 1)
    end_x = math.ceil(first_x + (x1 - x0) * step_x) + 2
    end_y = math.ceil(first_y + (y1 - y0) * step_y) + 2
    part = level[cut_y:end_y, cut_x:end_x]
    work = part if part.dtype.type in _NATIVE else part.astype(np.float64)
    matrix = np.array([[step_x, 0, first_x - cut_x], [0, step_y, first_y - cut_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (x1 - x0, y1 - y0)
    shown = cv2.warpAffine(work, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return shown if work is part else np.rint(shown).astype(part.dtype)


def _halved(pixels: StoredPixels) -> StoredPixels:
    import cv2

    rows, columns = pixels.shape[:2]
    size = (max(1, round(columns / 2)), max(1, round(rows / 2)))
    work = pixels if pixels.dtype.type in _NATIVE else pixels.astype(np.float64)
    halved = cv2.resize(work, size, interpolation=cv2.INTER_AREA)
    return halved if work is pixels else np.rint(halved).astype(pixels.dtype)

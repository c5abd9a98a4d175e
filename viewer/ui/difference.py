"""What the difference pane shows: signed or absolute errors, none of them hidden by zooming out.

Averaging a difference would make noise vanish from a picture that is zoomed out, and show less
loss than there is. Here a screen pixel takes the strongest error below it. No Qt here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import StoredPixels
from viewer.metrics.errors import difference
from viewer.ui.geometry import Geometry
from viewer.ui.resampling import device_centres, nearest_pixels

Errors = NDArray[np.uint16]

SEEN_PERCENTILE = 99.9
"""The share of errors, in percent, that lies within the colours at the first gain."""


_SAMPLED = 1_000_000


class DifferenceMap:
    """Errors of a reconstruction, in stored grey levels, ready to be shown at any zoom.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
    peak : int
        2^BitsStored - 1: what gain 1 maps to the end of the colours.
    largest : int
        Largest absolute error, as it was measured.

    Attributes
    ----------
    identical : bool
        Whether no value differs.
    seen : int
        The 99.9th percentile of absolute errors; `largest` where that is 0.
    """

    def __init__(
        self, original: StoredPixels, reconstruction: StoredPixels, peak: int, largest: int
    ) -> None:
        self.peak = peak
        self.largest = largest
        self.identical = largest == 0
        higher, lower = _parts(original, reconstruction)
        self._levels = [(higher, lower)]
        self.seen = _percentile(higher, lower) or largest

    @property
    def first_gain(self) -> int:
        """The largest power of two that keeps the 99.9th percentile of errors within range."""
        if self.seen == 0:
            return 1
        return 1 << max(0, math.floor(math.log2(self.peak / self.seen)))

    def visible(self, geometry: Geometry) -> NDArray[np.int32]:
        """Return the strongest signed error below each visible device pixel."""
        if geometry.device_scale >= 1 - 1e-9:
            columns, rows = nearest_pixels(geometry)
            higher, lower = (part[rows][:, columns] for part in self._levels[0])
        else:
            higher, lower = self._pooled(geometry)
        return np.where(higher >= lower, higher.astype(np.int32), -lower.astype(np.int32))

    def _pooled(self, geometry: Geometry) -> tuple[Errors, Errors]:
        wanted = max(0, math.floor(math.log2(1 / geometry.device_scale) + 1e-9))
        while len(self._levels) <= wanted and min(self._levels[-1][0].shape) > 1:
            higher, lower = self._levels[-1]
            self._levels.append((_strongest_halved(higher), _strongest_halved(lower)))
        depth = min(wanted, len(self._levels) - 1)
        x0, y0, x1, y1 = geometry.device_rectangle()
        across, down = device_centres(geometry, x0, x1, y0, y1)
        # From the left edge of each device pixel two level pixels cover all up to the next one.
        half_x = 0.5 / geometry.device_scale
        half_y = half_x / geometry.aspect
        size = 1 << depth
        rows, columns = self._levels[depth][0].shape
        first_x = np.clip(np.floor((across - half_x) / size), 0, columns - 1).astype(np.intp)
        first_y = np.clip(np.floor((down - half_y) / size), 0, rows - 1).astype(np.intp)
        reach_y = max(2, math.ceil(1 / (geometry.device_scale * geometry.aspect * size)))
        higher, lower = self._levels[depth]
        return (
            _window_maximum(higher, first_x, first_y, reach_y),
            _window_maximum(lower, first_x, first_y, reach_y),
        )


def coloured(errors: NDArray[np.int32], peak: int, gain: int, signed: bool) -> NDArray[np.uint8]:
    """Return the index of each error in a colour map of 256 entries.

    Signed: 128 is no error, 1 and 255 are -peak/gain and +peak/gain; absolute: 0 is no error.
    """
    scaled = errors * (np.float32(gain) / np.float32(peak))
    if signed:
        return (np.clip(np.rint(scaled * 127), -127, 127) + 128).astype(np.uint8)
    return np.clip(np.rint(np.abs(scaled) * 255), 0, 255).astype(np.uint8)


def _parts(original: StoredPixels, reconstruction: StoredPixels) -> tuple[Errors, Errors]:
    """Return how far values lie above and below the original, the strongest of the samples."""
    if original.dtype.type in (np.uint8, np.uint16):
        import cv2

        # OpenCV's subtraction stops at 0 for unsigned types, which is the part wanted.
        higher = cv2.subtract(reconstruction, original).astype(np.uint16, copy=False)
        lower = cv2.subtract(original, reconstruction).astype(np.uint16, copy=False)
    else:
        signed = difference(original, reconstruction)
        higher = np.clip(signed, 0, 65535).astype(np.uint16)
        lower = np.clip(-signed, 0, 65535).astype(np.uint16)
    if higher.ndim == 3:
        return higher.max(axis=2), lower.max(axis=2)
    return higher, lower


def _percentile(higher: Errors, lower: Errors) -> int:
    """Return the percentile of absolute errors, of a million of them where there are more."""
    step = max(1, math.ceil(math.sqrt(higher.size / _SAMPLED)))
    sizes = np.maximum(higher[::step, ::step], lower[::step, ::step])
    total = np.cumsum(np.bincount(sizes.ravel(), minlength=1))
    return int(np.searchsorted(total, total[-1] * SEEN_PERCENTILE / 100))


def _strongest_halved(errors: Errors) -> Errors:
    rows, columns = errors.shape
    if rows % 2 or columns % 2:
        errors = np.pad(errors, ((0, rows % 2), (0, columns % 2)))
    pairs = np.maximum(errors[::2], errors[1::2])
    return np.maximum(pairs[:, ::2], pairs[:, 1::2])


def _window_maximum(
    errors: Errors, first_x: NDArray[np.intp], first_y: NDArray[np.intp], reach_y: int
) -> Errors:
    last_row, last_column = errors.shape[0] - 1, errors.shape[1] - 1
    rows = errors[first_y]
    for step in range(1, reach_y):
        rows = np.maximum(rows, errors[np.minimum(first_y + step, last_row)])
    return np.maximum(rows[:, first_x], rows[:, np.minimum(first_x + 1, last_column)])

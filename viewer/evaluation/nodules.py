"""Planted nodules: what they look like, where they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels

REGION = 64
"""Side in pixels of the square around a nodule that an observer sees."""


@dataclass(frozen=True, slots=True)
class Nodule:
    """A nodule of known size and contrast.

    Parameters
    ----------
    diameter : float
        In pixels, 2 .. 48.
    contrast : float
        At its middle, as a part of 2^BitsStored - 1.
    """

    diameter: float
    contrast: float

    def __str__(self) -> str:
        return f"{self.diameter:g} px, contrast {100 * self.contrast:g} %"


def profile(diameter: float) -> NDArray[np.float64]:
    """Return the shape of a nodule: 1 in the middle, (1 - (r / R)^2)^1.5 to its edge, 0 beyond.

    After the "designer nodules" of A. Burgess et al., Medical Physics 28 (2001).

    Returns
    -------
    ndarray, shape (REGION, REGION)
        Centred on the pixel (REGION // 2, REGION // 2).
    """
    y, x = np.mgrid[:REGION, :REGION] - REGION // 2
    inside = 1 - (x**2 + y**2) / (diameter / 2) ** 2
    shape: NDArray[np.float64] = np.clip(inside, 0, None) ** 1.5
    return shape


def plant(
    pixels: StoredPixels, pixel_format: PixelFormat, corners: NDArray[np.int64], nodule: Nodule
) -> StoredPixels:
    """Return a copy with a nodule in the middle of each region, within the range of the format.

    Parameters
    ----------
    corners : ndarray, shape (n, 2)
        Row and column of the regions' first pixels.
    """
    added = profile(nodule.diameter) * nodule.contrast * pixel_format.peak
    changed = pixels.astype(np.float64)
    for row, column in corners:
        changed[row : row + REGION, column : column + REGION] += added
    lowest, highest = pixel_format.minimum, pixel_format.minimum + pixel_format.peak
    planted: StoredPixels = np.clip(np.rint(changed), lowest, highest).astype(pixels.dtype)
    return planted


def regions(
    pixels: StoredPixels, pixel_format: PixelFormat, count: int, seed: int
) -> NDArray[np.int64]:
    """Return the corners of `count` regions that do not overlap, in the middle of the picture.

    Cells of a seeded grid within the middle 80 % of the columns and 70 % of the rows, so far as
    they are neither black nor white: burnt-in letters and air tell nothing of detail.

    Raises
    ------
    MeasureError
        When there are too few.
    """
    rows, columns = pixels.shape
    rng = np.random.default_rng(seed)
    top = int(0.1 * rows) + int(rng.integers(0, REGION))
    left = int(0.1 * columns) + int(rng.integers(0, REGION))
    tops = range(top, int(0.8 * rows) - REGION, REGION)
    lefts = range(left, int(0.9 * columns) - REGION, REGION)
    low = pixel_format.minimum + 0.02 * pixel_format.peak
    high = pixel_format.minimum + 0.98 * pixel_format.peak
    usable = []
    for r in tops:
        for c in lefts:
            cell = pixels[r : r + REGION, c : c + REGION]
            if low < np.percentile(cell, 2) and np.percentile(cell, 98) < high:
                usable.append((r, c))
    if len(usable) < count:
        raise MeasureError(f"A picture of {columns} x {rows} has no {count} regions for nodules.")
    chosen = rng.permutation(len(usable))[:count]
    return np.array([usable[i] for i in sorted(chosen)], np.int64).reshape(count, 2)

"""Overlap of two label maps: intersection over union, of whole classes and of their boundaries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.linking import load_opencv

BAND_SHARE = 0.01
"""Width of the boundary band in shares of the picture's diagonal (Cheng et al., CVPR 2021: 2 %)."""

BAND_PIXELS = 3.0

Counts = NDArray[np.int64]


def band_width(shape: tuple[int, ...]) -> float:
    """Return 1 % of the diagonal, in pixels, at least 1."""
    return max(1.0, BAND_SHARE * math.hypot(shape[0], shape[1]))


def overlap_counts(found: NDArray[Any], truth: NDArray[Any], classes: int) -> Counts:
    """Return pixels in both and pixels in either, for each class.

    Parameters
    ----------
    found, truth : ndarray of integers, shape (rows, columns)
        Classes 0 .. classes - 1.

    Returns
    -------
    ndarray of int64, shape (classes, 2)
        Their ratio is the class's IoU; of several pictures, add them up first.

    Raises
    ------
    MeasureError
        When the shapes differ.
    """
    _check(found, truth)
    pairs = np.bincount(
        (truth.astype(np.int64) * classes + found).ravel(), minlength=classes * classes
    ).reshape(classes, classes)
    both = np.diagonal(pairs)
    return np.stack([both, pairs.sum(axis=0) + pairs.sum(axis=1) - both], axis=1)


def boundary_counts(found: NDArray[Any], truth: NDArray[Any], classes: int, width: float) -> Counts:
    """Return the same of the parts of each class within ``width`` pixels of its boundary.

    The band lies inside the class; the picture's edge is no boundary.
    """
    _check(found, truth)
    counts = np.empty((classes, 2), np.int64)
    for number in range(classes):
        first, second = _band(found == number, width), _band(truth == number, width)
        both = int(np.count_nonzero(first & second))
        counts[number] = both, int(np.count_nonzero(first | second))
    return counts


def _band(mask: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    load_opencv()
    import cv2

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    band = np.zeros_like(mask)
    if len(rows) == 0:
        return band
    # A small class in a large picture: only its surroundings are looked at.
    reach = math.ceil(width) + 1
    down = slice(max(0, rows[0] - reach), rows[-1] + reach + 1)
    across = slice(max(0, columns[0] - reach), columns[-1] + reach + 1)
    part = mask[down, across].astype(np.uint8)
    distance = cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    band[down, across] = (part > 0) & (np.asarray(distance) <= width)
    return band


def _check(found: NDArray[Any], truth: NDArray[Any]) -> None:
    if found.shape != truth.shape or found.ndim != 2:
        raise MeasureError(
            f"Label maps of the shapes {found.shape} and {truth.shape} cannot be compared."
        )

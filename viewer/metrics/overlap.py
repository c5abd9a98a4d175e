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


class Boundaries:
    """How far inside its class each pixel of a label map lies.

    Parameters
    ----------
    labels : ndarray of integers, shape (rows, columns)
        Classes 0 .. classes - 1.
    classes : int
    """

    def __init__(self, labels: NDArray[Any], classes: int) -> None:
        if labels.ndim != 2:
            raise MeasureError(f"A label map has two dimensions, not {labels.ndim}.")
        self.shape = labels.shape
        self._parts = [_distances(labels == number) for number in range(classes)]

    def __len__(self) -> int:
        return len(self._parts)

    def band(self, number: int, width: float) -> NDArray[np.bool_]:
        """Return the pixels of a class within ``width`` of another class.

        The picture's edge is no boundary.
        """
        band = np.zeros(self.shape, bool)
        part = self._parts[number]
        if part is not None:
            place, distance = part
            band[place] = (distance > 0) & (distance <= width)
        return band


def boundary_counts(found: Boundaries, truth: Boundaries, width: float) -> Counts:
    """Return what `overlap_counts` does, of the bands inside each class along its boundary.

    Raises
    ------
    MeasureError
        When the shapes or the numbers of classes differ.
    """
    if found.shape != truth.shape or len(found) != len(truth):
        raise MeasureError(
            f"Label maps of the shapes {found.shape} and {truth.shape} cannot be compared."
        )
    counts = np.empty((len(found), 2), np.int64)
    for number in range(len(found)):
        first, second = found.band(number, width), truth.band(number, width)
        both = int(np.count_nonzero(first & second))
        counts[number] = both, int(np.count_nonzero(first | second))
    return counts


def _distances(
    mask: NDArray[np.bool_],
) -> tuple[tuple[slice, slice], NDArray[np.float32]] | None:
    """The part of the picture that holds a class, and distances to its outside; None without."""
    load_opencv()
    import cv2

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return None
    # A small class in a large picture: only its surroundings are looked at.
    place = (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
    part = mask[place].astype(np.uint8)
    distance = cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return place, np.asarray(distance, np.float32)


def _check(found: NDArray[Any], truth: NDArray[Any]) -> None:
    if found.shape != truth.shape or found.ndim != 2:
        raise MeasureError(
            f"Label maps of the shapes {found.shape} and {truth.shape} cannot be compared."
        )

"""Synthetic nodules planted into lung fields: targets that do not lie on the fields' edges.

They are not lesions: smooth bright ellipsoids of a sphere's thickness, 5 to 30 pixels across at
full resolution, with masks known exactly. Which ones a picture gets depends on its name and a seed
alone.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.linking import load_opencv

DIAMETERS = (5.0, 30.0)
"""Pixels; all alike often."""

CONTRASTS = (25.0, 75.0)
"""Grey levels of 256 at the centre."""

COUNTS = (6, 12)
ELONGATION = 1.4
_TRIES = 60


def plant(
    picture: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    name: str,
    seed: int,
    *,
    field: int = 1,
    nodule: int = 2,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return picture and labels with nodules in the class ``field``, clear of its edge.

    Parameters
    ----------
    picture : ndarray of uint8, shape (rows, columns)
    labels : ndarray of uint8
    name : str
        Of the picture.
    seed : int
    field, nodule : int
        Class to plant in, and class of what is planted.
    """
    load_opencv()
    import cv2

    rng = np.random.default_rng((zlib.crc32(name.encode()), seed))
    values, classes = picture.astype(np.float32), labels.copy()
    clear = np.asarray(cv2.distanceTransform((labels == field).astype(np.uint8), cv2.DIST_L2, 5))
    for _ in range(int(rng.integers(COUNTS[0], COUNTS[1] + 1))):
        diameter = float(rng.uniform(*DIAMETERS))
        stretch = float(ELONGATION ** rng.uniform(-0.5, 0.5))
        angle, contrast = float(rng.uniform(0, np.pi)), float(rng.uniform(*CONTRASTS))
        centre = _centre(rng, clear, diameter)
        if centre is None:
            continue
        _draw(values, classes, centre, diameter / 2, stretch, angle, contrast, nodule)
        reach = int(2 * diameter)
        top, left = max(0, centre[0] - reach), max(0, centre[1] - reach)
        clear[top : centre[0] + reach, left : centre[1] + reach] = 0
    return np.clip(np.rint(values), 0, 255).astype(np.uint8), classes


def _centre(
    rng: np.random.Generator, clear: NDArray[Any], diameter: float
) -> tuple[int, int] | None:
    """A pixel far enough from the field's edge and from other nodules, if one is found."""
    for _ in range(_TRIES):
        row, column = (int(rng.integers(side)) for side in clear.shape)
        if clear[row, column] > diameter + 4:
            return row, column
    return None


def _draw(
    values: NDArray[np.float32],
    classes: NDArray[np.uint8],
    centre: tuple[int, int],
    radius: float,
    stretch: float,
    angle: float,
    contrast: float,
    nodule: int,
) -> None:
    reach = int(np.ceil(radius * ELONGATION)) + 2
    rows = slice(max(0, centre[0] - reach), centre[0] + reach + 1)
    columns = slice(max(0, centre[1] - reach), centre[1] + reach + 1)
    patch, patch_classes = values[rows, columns], classes[rows, columns]
    y, x = np.mgrid[: patch.shape[0], : patch.shape[1]]
    y, x = y - (centre[0] - rows.start), x - (centre[1] - columns.start)
    along = (x * np.cos(angle) + y * np.sin(angle)) * stretch
    across = (y * np.cos(angle) - x * np.sin(angle)) / stretch
    distance = np.hypot(along, across) / radius
    patch += contrast * np.sqrt(np.clip(1.0 - distance**2, 0.0, 1.0)).astype(np.float32)
    patch_classes[distance <= 1.0] = nodule

"""Outlines of the classes of a segmentation, for whoever draws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.linking import load_opencv

Polygon = NDArray[np.float32]
"""Shape (n, 2): x, y in pixels, 0 being the outer edge of the first one."""


@dataclass(frozen=True, eq=False, slots=True)
class Outline:
    """Where one class lies.

    Parameters
    ----------
    number : int
        Of the class; 0, the background, has no outline.
    name : str
    polygons : tuple of ndarray, shape (n, 2)
        Closed, holes among them.
    """

    number: int
    name: str
    polygons: tuple[Polygon, ...]


def outlines(segmentation: NDArray[np.uint8], classes: tuple[str, ...]) -> tuple[Outline, ...]:
    """Return the outline of every class but the background.

    Parameters
    ----------
    segmentation : ndarray of uint8, shape (rows, columns)
        A class a pixel.
    classes : tuple of str
        Their names, the background first.
    """
    load_opencv()
    import cv2

    found = []
    for number, name in enumerate(classes[1:], start=1):
        inside = np.ascontiguousarray(segmentation == number).view(np.uint8)
        contours, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        # OpenCV walks through the middles of the outermost pixels.
        polygons = tuple(contour[:, 0].astype(np.float32) + 0.5 for contour in contours)
        found.append(Outline(number, name, polygons))
    return tuple(found)

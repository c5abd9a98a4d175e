"""Samples and grid lines drawn into a picture: for thousands of them Qt's own way is too slow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SHIFT = 3
"""Binary digits below the pixel that lines keep."""


def marked(
    points: NDArray[np.float64],
    shape: tuple[int, int],
    colour: tuple[int, int, int],
    *,
    lines: int = 0,
    dots: int = 0,
) -> NDArray[np.uint8]:
    """Return a picture of a grid's lines and samples on nothing.

    Parameters
    ----------
    points : ndarray, shape (h, w, 2)
        x, y of the samples in pixels of the picture; those outside are left out.
    shape : (rows, columns)
    colour : (red, green, blue)
    lines : int
        Their opacity, 0 .. 255; 0 draws none.
    dots : int
        Side of the square of a sample, in pixels; 0 draws none.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 4)
        Blue, green, red, alpha, premultiplied.
    """
    rows, columns = shape
    picture = np.zeros((rows, columns, 4), np.uint8)
    if lines:
        _draw_lines(picture, points, _premultiplied(colour, lines))
    if dots:
        _draw_dots(picture, points.reshape(-1, 2), _premultiplied(colour, 255), dots)
    return picture


def _premultiplied(colour: tuple[int, int, int], alpha: int) -> tuple[int, int, int, int]:
    red, green, blue = (round(each * alpha / 255) for each in colour)
    return blue, green, red, alpha


def _draw_lines(
    picture: NDArray[np.uint8], points: NDArray[np.float64], colour: tuple[int, int, int, int]
) -> None:
    rows, columns = picture.shape[:2]
    # OpenCV counts from pixel centres.
    fixed = np.rint((points - 0.5) * (1 << _SHIFT)).clip(-(1 << 24), 1 << 24).astype(np.int32)
    seen: list[NDArray[np.int32]] = []
    for way in (fixed, fixed.swapaxes(0, 1)):
        low, high = way.min(axis=1) >> _SHIFT, way.max(axis=1) >> _SHIFT
        inside = ((high >= -1) & (low <= [columns, rows])).all(axis=1)
        seen.extend(np.ascontiguousarray(line).reshape(-1, 1, 2) for line in way[inside])
    if seen:
        import cv2

        cv2.polylines(picture, seen, False, colour, 1, cv2.LINE_8, _SHIFT)


def _draw_dots(
    picture: NDArray[np.uint8],
    points: NDArray[np.float64],
    colour: tuple[int, int, int, int],
    side: int,
) -> None:
    rows, columns = picture.shape[:2]
    corner = np.rint(points - side / 2)
    inside = ((corner >= 0) & (corner <= [columns - side, rows - side])).all(axis=1)
    # A dot cut by the edge is moved inside: those of the outermost samples lie on it.
    near = ((points >= 0) & (points <= [columns, rows])).all(axis=1)
    corner = corner[inside | near].clip(0, [columns - side, rows - side]).astype(np.int64)
    flat = picture.view(np.uint32).reshape(-1)
    first = corner[:, 1] * columns + corner[:, 0]
    packed = np.array(colour, np.uint8).view(np.uint32)[0]
    for down in range(side):
        for across in range(side):
            flat[first + (down * columns + across)] = packed

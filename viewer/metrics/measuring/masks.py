"""Which pixels a region covers: those whose centre lies inside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.metrics.figures import Box
from viewer.metrics.measuring.shapes import Point, Shape

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Covered:
    """The pixels of a region.

    Parameters
    ----------
    box : (x, y, width, height)
        The part of the image they lie in.
    mask : ndarray of bool, shape (height, width)
    """

    box: Box
    mask: Mask


def covered(shape: Shape, columns: int, rows: int) -> Covered | None:
    """Return the pixels of an image that a region covers; None where it covers none."""
    if not shape.is_region:
        return None
    left, top, right, bottom = shape.bounds
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(columns, math.ceil(right)), min(rows, math.ceil(bottom))
    if x1 <= x0 or y1 <= y0:
        return None
    across = np.arange(x0, x1) + 0.5
    down = np.arange(y0, y1) + 0.5
    if shape.kind == "rectangle":
        inside_x = (across >= left) & (across < right)
        inside_y = (down >= top) & (down < bottom)
        mask = inside_y[:, None] & inside_x[None, :]
    elif shape.kind == "ellipse":
        half_x, half_y = (right - left) / 2, (bottom - top) / 2
        if min(half_x, half_y) < 1e-6:  # no centre of a pixel, and squares would overflow
            return None
        u = (across - (left + right) / 2) / half_x
        v = (down - (top + bottom) / 2) / half_y
        mask = (u * u)[None, :] + (v * v)[:, None] <= 1
    else:
        mask = _polygon(shape.points, x0, y0, x1 - x0, y1 - y0)
    if not mask.any():
        return None
    return Covered((x0, y0, x1 - x0, y1 - y0), mask)


def _polygon(points: tuple[Point, ...], x0: int, y0: int, width: int, height: int) -> Mask:
    """Centres inside an outline by the even-odd rule: each edge toggles all to its right."""
    toggles = np.zeros((height, width + 1), dtype=np.int32)
    for (xa, ya), (xb, yb) in zip(points, (*points[1:], points[0]), strict=True):
        if ya == yb:
            continue
        if ya > yb:
            xa, ya, xb, yb = xb, yb, xa, ya
        # Rows whose centre lies in ya <= centre < yb: shared ends count once.
        first = max(math.ceil(ya - 0.5) - y0, 0)
        last = min(math.ceil(yb - 0.5) - y0, height)
        if last <= first:
            continue
        lines = np.arange(first, last)
        crossing = xa + (lines + y0 + 0.5 - ya) * ((xb - xa) / (yb - ya))
        column = np.ceil(crossing - 0.5).astype(np.int64) - x0
        np.add.at(toggles, (lines, np.clip(column, 0, width)), 1)
    return np.cumsum(toggles[:, :width], axis=1) % 2 == 1


def whole_windows(mask: Mask, taps: int) -> Mask:
    """Return the centres of those windows of `taps` x `taps` that lie wholly inside a mask."""
    height, width = mask.shape
    inside = np.zeros_like(mask)
    if height < taps or width < taps:
        return inside
    sums = np.zeros((height + 1, width + 1), dtype=np.int64)
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
    count = sums[taps:, taps:] - sums[:-taps, taps:] - sums[taps:, :-taps] + sums[:-taps, :-taps]
    border = taps // 2
    inside[border : height - border, border : width - border] = count == taps * taps
    return inside

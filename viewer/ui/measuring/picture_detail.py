"""How much of a picture a label would hide: what is even counts for nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QRectF

from viewer.ui.pane import Pane

_STEP = 3
"""Every so-manyth pixel of the screen is looked at."""
_STRONG = 64.0
"""Spread of 8-bit values at which an area counts as much as another shape."""


def detail_of(pane: Pane) -> Callable[[QRectF], float]:
    """Return what tells how much detail lies below a rectangle, in square pixels."""
    values, geometry = pane.shown_values, pane.geometry_of_image
    if values is None or geometry is None:
        return lambda rectangle: 0.0
    left, top, _, _ = geometry.device_rectangle()
    ratio = geometry.ratio
    grey = values if values.ndim == 2 else values[:, :, 1]

    def detail(rectangle: QRectF) -> float:
        x0 = max(0, round(rectangle.left() * ratio) - left)
        y0 = max(0, round(rectangle.top() * ratio) - top)
        x1 = max(x0, math.ceil(rectangle.right() * ratio) - left)
        y1 = max(y0, math.ceil(rectangle.bottom() * ratio) - top)
        part = grey[y0:y1:_STEP, x0:x1:_STEP]
        if part.size < 2:
            return 0.0
        covered = part.size * (_STEP / ratio) ** 2
        return covered * min(float(part.std()) / _STRONG, 1.0)

    return detail

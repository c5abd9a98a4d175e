"""What is written in the corners of a pane, so that labels stay off it."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from viewer.ui import haloed_text
from viewer.ui.pane import Pane
from viewer.ui.theme import GRID, tabular

_SCALE = 24.0
"""Height of the bar of a colour map above what is written."""


def written_areas(pane: Pane) -> list[QRectF]:
    """Return where identity, window, zoom and the colour scale of a pane are written."""
    texts, font = pane.overlay.texts, tabular(pane.font())
    area = QRectF(pane.viewport().rect()).adjusted(GRID, GRID, -GRID, -GRID)
    line = haloed_text.height(font)
    found = []
    for lines, right, lower in (
        (texts.upper_left, False, False),
        (texts.lower_left, False, True),
        (texts.lower_right, True, True),
    ):
        if not lines:
            continue
        wide = min(max(haloed_text.width(text, font) for text in lines), area.width())
        high = line * len(lines)
        if lower and not right and pane.overlay.scale is not None:
            high += _SCALE
        x = area.right() - wide if right else area.left()
        y = area.bottom() - high if lower else area.top()
        found.append(QRectF(x, y, wide, high))
    return found

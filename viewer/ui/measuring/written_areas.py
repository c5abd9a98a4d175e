"""What is written in the corners of a pane, so that labels stay off it."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from viewer.ui import haloed_text
from viewer.ui.pane import Pane
from viewer.ui.theme import GRID, tabular

_SCALE = 24.0
"""Height of the bar of a colour map above what is written."""


def written_areas(pane: Pane) -> list[QRectF]:
    """Return where identity, window, zoom, edges and the colour scale are written."""
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
        if lower and right and pane.overlay.stacked(font, pane.viewport().width()):
            y -= line * len(texts.lower_left)
        found.append(QRectF(x, y, wide, high))
    left_edge, right_edge = texts.edges[:2]
    letter = tabular(font, points=2, bold=True)
    high = haloed_text.height(letter)
    for text, lies_right in ((left_edge, False), (right_edge, True)):
        wide = haloed_text.width(text, letter)
        if text:
            x = area.right() - wide if lies_right else area.left()
            found.append(QRectF(x, area.center().y() - high / 2, wide, high))
    return found

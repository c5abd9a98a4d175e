"""The border of a swipe: a line with a handle, and what lies on either side."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.ui import haloed_text
from viewer.ui.in_one_pane import InOnePane
from viewer.ui.pane import Pane
from viewer.ui.theme import GRID, theme

_RADIUS = 9


class DividerLayer:
    """Drawn over the pane that is swiped.

    Attributes
    ----------
    titles : (str, str)
        What lies left and right of the border.
    """

    def __init__(self, how: InOnePane) -> None:
        self._how = how
        self.titles = ("", "")

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw the line over the whole height of the pane."""
        area = QRectF(pane.viewport().rect())
        x = round(self._how.divider * area.width()) + 0.5
        middle = QPointF(x, area.height() * 0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for colour, thick in ((QColor(0, 0, 0, 170), 3), (QColor(theme().accent), 1)):
            painter.setPen(QPen(colour, thick))
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(theme().accent), 1.5))
        painter.setBrush(QColor(theme().dock))
        painter.drawEllipse(middle, _RADIUS, _RADIUS)
        painter.setPen(QPen(QColor(theme().text), 1.5))
        for side in (-1, 1):
            tip = middle + QPointF(side * 5.5, 0)
            painter.drawLine(tip, tip + QPointF(-side * 3, -3))
            painter.drawLine(tip, tip + QPointF(-side * 3, 3))
        font, ratio = pane.font(), pane.devicePixelRatioF()
        y = middle.y() + 2 * _RADIUS
        left, right = self.titles
        across = haloed_text.width(left, font)
        if across + GRID <= x:
            haloed_text.draw(painter, x - GRID - across, y, left, font, theme().text, ratio)
        if x + GRID + haloed_text.width(right, font) <= area.width():
            haloed_text.draw(painter, x + GRID, y, right, font, theme().text, ratio)

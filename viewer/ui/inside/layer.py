"""A map of codes or bits as it is drawn over the original."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from viewer.codecs.inspection import CodeMap
from viewer.ui.inside.colours import coloured
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane
from viewer.ui.plot_style import SERIES


class CodeLayer:
    """Draws over the panes that show the original, cell by cell, unsmoothed.

    Parameters
    ----------
    places : Places
    over : callable
        Whether a pane shows the original.
    """

    def __init__(self, places: Places, over: Callable[[Pane], bool]) -> None:
        self._places = places
        self._over = over
        self.map: CodeMap | None = None
        self.opacity = 0.7
        self.tile: QRectF | None = None
        self._made: tuple[CodeMap, QImage] | None = None

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw the map chosen, as far as the image reaches, and the outline of a tile."""
        if not self._places.ready(pane) or not self._over(pane):
            return
        if self.map is not None:
            self._paint_map(painter, pane, self.map)
        if self.tile is not None:
            corners = self.tile.topLeft(), self.tile.bottomRight()
            ends = [self._places.to_screen(pane, (point.x(), point.y())) for point in corners]
            painter.setPen(QPen(QColor(SERIES[1]), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(*ends).normalized())

    def _paint_map(self, painter: QPainter, pane: Pane, code_map: CodeMap) -> None:
        if self._made is None or self._made[0] is not code_map:
            self._made = code_map, coloured(code_map)
        columns, rows = self._places.size()
        height, width = code_map.plane.shape
        painter.save()
        painter.setTransform(self._transform(pane), True)
        painter.setClipRect(QRectF(0, 0, columns, rows))
        painter.setOpacity(self.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        cell = code_map.cell
        painter.drawImage(QRectF(0, 0, width * cell, height * cell), self._made[1])
        painter.restore()

    def _transform(self, pane: Pane) -> QTransform:
        """Return the way from stored pixels to the pane's, however the image is turned."""
        columns, rows = self._places.size()
        origin = self._places.to_screen(pane, (0.0, 0.0))
        across = (self._places.to_screen(pane, (float(columns), 0.0)) - origin) / columns
        down = (self._places.to_screen(pane, (0.0, float(rows))) - origin) / rows
        return QTransform(across.x(), across.y(), down.x(), down.y(), origin.x(), origin.y())

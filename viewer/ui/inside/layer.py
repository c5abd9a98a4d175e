"""A map of codes or bits as it is drawn over the original."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from viewer.codecs.inspection import CodeMap
from viewer.ui.inside.colours import coloured
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane


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
        self._made: tuple[CodeMap, QImage] | None = None

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw the map chosen, as far as the image reaches."""
        code_map = self.map
        if code_map is None or not self._places.ready(pane) or not self._over(pane):
            return
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

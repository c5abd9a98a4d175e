"""The dragged rectangle on a pane: handles to resize, its body to move."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.ui.theme import theme

Box = tuple[int, int, int, int]

SMALLEST = 11
"""Pixels a side: below it no SSIM can be computed."""


_LINE, _HOVERED, _HANDLE_HOVERED, _RIM = 1.5, 2.5, 2.0, 3.5
"""Widths in logical pixels."""


def _pen(width: float, colour: str = "") -> QPen:
    pen: QPen = pg.mkPen(colour or theme().accent, width=width)
    return pen


class BoxItem(pg.ROI):
    """A rectangle in whole stored pixels that stays within the image."""

    moving = Signal(object)
    """Box: while a handle or the body is dragged."""
    moved = Signal(object)
    """Box: when it was let go."""

    def __init__(self) -> None:
        self._ratio = 1.0
        super().__init__(
            (0, 0),
            (1, 1),
            pen=_pen(_LINE),
            hoverPen=_pen(_HOVERED),
            handlePen=_pen(_LINE),
            handleHoverPen=_pen(_HANDLE_HOVERED, "#ffffff"),
            rotatable=False,
            removable=False,
            snapSize=1,
            scaleSnap=True,
            translateSnap=True,
        )
        for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
            self.addScaleHandle(corner, (1 - corner[0], 1 - corner[1]))
        self._taking_over = False
        self.hide()
        self.sigRegionChanged.connect(self._on_changed)
        self.sigRegionChangeFinished.connect(self._on_finished)

    @property
    def box(self) -> Box:
        """x, y, width, height in stored pixels, inside the image."""
        bounds = self.maxBounds if self.maxBounds is not None else QRectF(0, 0, 1e9, 1e9)
        rectangle = QRectF(QPointF(self.pos()), QPointF(self.pos() + self.size())).normalized()
        rectangle = rectangle.intersected(bounds)
        x, y = round(rectangle.left()), round(rectangle.top())
        return (
            x,
            y,
            max(1, round(rectangle.right()) - x),
            max(1, round(rectangle.bottom()) - y),
        )

    def show_box(self, box: Box | None) -> None:
        """Take over a box without telling of it; None hides."""
        if box is None:
            self.hide()
            return
        self._taking_over = True
        self.setPos((box[0], box[1]), update=False)
        self.setSize((box[2], box[3]), finish=False)
        self._taking_over = False
        self.show()

    def scale_lines(self, ratio: float) -> None:
        """Draw lines as wide on displays of many pixels as on others.

        Parameters
        ----------
        ratio : float
            Device pixels a logical pixel: what is as wide at every zoom counts device pixels.
        """
        if ratio == self._ratio:
            return
        self._ratio = ratio
        self.hoverPen = _pen(_HOVERED * ratio)
        self.setPen(_pen(_LINE * ratio))
        for handle in self.handles:
            item = handle["item"]
            item.pen = item.currentPen = _pen(_LINE * ratio)
            item.hoverPen = _pen(_HANDLE_HOVERED * ratio, "#ffffff")
            item.update()

    def _on_changed(self) -> None:
        if not self._taking_over:
            self.moving.emit(self.box)

    def _on_finished(self) -> None:
        if not self._taking_over:
            self.moved.emit(self.box)

    def paint(self, painter: QPainter, *arguments: object) -> None:
        """Draw a dark rim below the line, so that it is seen on white too."""
        rim = QPen(QColor(0, 0, 0, 190), _RIM * self._ratio)
        rim.setCosmetic(True)
        painter.setPen(rim)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0, 0, self.state["size"][0], self.state["size"][1]))
        super().paint(painter, *arguments)

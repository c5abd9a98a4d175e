"""Density, samples, warped grid and segmentation as they are drawn over the original."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from viewer.session.deforming import Deforming
from viewer.session.sampling_work import Placed
from viewer.ui.deformation.look import CLASS_COLOURS, DENSITY_COLOURS, DOT_COLOURS, MOST, Look
from viewer.ui.deformation.marks import marked
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane

_LINES = 150
"""Opacity of grid lines, of 255."""


class DeformationLayer:
    """Draws over the panes that show the original, in their own pixels.

    Parameters
    ----------
    deforming : Deforming
    places : Places
    over : callable
        Whether a pane shows the original.
    """

    def __init__(self, deforming: Deforming, places: Places, over: Callable[[Pane], bool]) -> None:
        self._deforming = deforming
        self._places = places
        self._over = over
        self.look = Look()
        self._made: tuple[object, ...] = ()
        self._heat: QImage | None = None
        self._marks: WeakKeyDictionary[Pane, tuple[object, NDArray[np.uint8], QImage]]
        self._marks = WeakKeyDictionary()
        self._outlined: tuple[object, ...] = ()
        self._outlines: list[tuple[int, QPainterPath]] = []

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw what is chosen of what is there."""
        placed = self._deforming.placed
        if not self._deforming.on or placed is None or not self._places.ready(pane):
            return
        if not self._over(pane):
            return
        look = self.look
        transform = self._transform(pane)
        painter.save()
        painter.setTransform(transform, True)
        self._make(placed)
        if look.density and self._heat is not None:
            painter.setOpacity(look.opacity)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            columns, rows = self._places.size()
            painter.drawImage(QRectF(0, 0, columns, rows), self._heat)
            painter.setOpacity(1.0)
        if look.outline:
            for number, path in self._outline_paths():
                rim = QColor(0, 0, 0, 190)
                colour = QColor(CLASS_COLOURS[(number - 1) % len(CLASS_COLOURS)])
                for pen, width in ((rim, 3.6), (colour, 1.8)):
                    self._stroke(painter, path, pen, width)
        painter.restore()
        if look.dots or look.lines:
            self._draw_marks(painter, pane, placed, transform)

    def _transform(self, pane: Pane) -> QTransform:
        """Return the way from stored pixels to the pane's, however the image is turned."""
        columns, rows = self._places.size()
        origin = self._places.to_screen(pane, (0.0, 0.0))
        across = (self._places.to_screen(pane, (float(columns), 0.0)) - origin) / columns
        down = (self._places.to_screen(pane, (0.0, float(rows))) - origin) / rows
        return QTransform(across.x(), across.y(), down.x(), down.y(), origin.x(), origin.y())

    @staticmethod
    def _stroke(painter: QPainter, path: QPainterPath, colour: QColor, width: float) -> None:
        device = painter.device()
        # Cosmetic widths count device pixels, whatever the display's scale.
        pen = QPen(colour, width * (1.0 if device is None else device.devicePixelRatioF()))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _make(self, placed: Placed) -> None:
        """Make the density's picture once for a grid and a choice of colours.

        The picture's alpha rises with the density, so that what gets few samples stays grey.
        """
        key = (placed, self.look.colours)
        if key == self._made:
            return
        self._made = key
        share = np.clip(placed.density / MOST, 0.0, 1.0)
        rgba = np.empty((*share.shape, 4), np.uint8)
        index = np.rint(share * 255).astype(np.uint8)
        rgba[..., :3] = DENSITY_COLOURS[self.look.colours]()[index]
        rgba[..., 3] = np.rint(255 * np.sqrt(share))
        rows, columns = share.shape
        self._heat = QImage(
            rgba.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888
        ).copy()

    def _outline_paths(self) -> list[tuple[int, QPainterPath]]:
        deformed = self._deforming.deformed
        if self._outlined != (deformed,):
            self._outlined = (deformed,)
            self._outlines = []
            for outline in () if deformed is None else deformed.outlines:
                path = QPainterPath()
                for polygon in outline.polygons:
                    path.addPolygon(_polygon(polygon))
                    path.closeSubpath()
                self._outlines.append((outline.number, path))
        return self._outlines

    def _draw_marks(
        self, painter: QPainter, pane: Pane, placed: Placed, transform: QTransform
    ) -> None:
        """Draw samples and lines; while only the mouse moves, what was drawn last does."""
        look, ratio = self.look, pane.devicePixelRatioF()
        size = pane.viewport().size()
        width, height = round(size.width() * ratio), round(size.height() * ratio)
        key = (placed, look, transform, width, height, ratio)
        kept = self._marks.get(pane)
        if kept is None or kept[0] != key:
            matrix = np.array(
                [[transform.m11(), transform.m12()], [transform.m21(), transform.m22()]]
            )
            offset = np.array([transform.dx(), transform.dy()])
            points = (placed.positions @ matrix + offset) * ratio
            colour = QColor(DOT_COLOURS[look.dot_colour])
            picture = marked(
                points,
                (height, width),
                (colour.red(), colour.green(), colour.blue()),
                lines=_LINES if look.lines else 0,
                dots=_dot_size(points, ratio) if look.dots else 0,
            )
            kind = QImage.Format.Format_ARGB32_Premultiplied
            image = QImage(picture.data, width, height, 4 * width, kind)
            image.setDevicePixelRatio(ratio)
            # The array is kept: the image only looks at it.
            kept = self._marks[pane] = key, picture, image
        painter.drawImage(QPointF(0, 0), kept[2])


def _dot_size(points: NDArray[np.float64], ratio: float) -> int:
    """Return 1 to 4 device pixels: dots that touch each other would hide the image."""
    extent = float(np.prod(points.max(axis=(0, 1)) - points.min(axis=(0, 1))))
    distance = (extent / (points.size / 2)) ** 0.5
    return int(np.clip(round(distance / 4), 1, round(4 * ratio)))


def _polygon(points: NDArray[np.floating]) -> QPolygonF:
    polygon: QPolygonF = arrayToQPolygonF(points[:, 0], points[:, 1])
    return polygon

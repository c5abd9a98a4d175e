"""The measurements as they are drawn on every pane, and what of them lies under the mouse."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.shapes import Shape
from viewer.session.measuring import Measuring
from viewer.ui.measuring.labels import Labels
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane
from viewer.ui.theme import theme

_NEAR = 7.0
"""Screen pixels from a handle or line at which it can be taken hold of."""
_HANDLE = 3.5
_CROSS = 6.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under the mouse.

    Parameters
    ----------
    number : int
        Of the measurement.
    handle : int or None
        Index in `Shape.handles`; None for its lines, by which it is moved.
    """

    number: int
    handle: int | None


class MeasureLayer:
    """Draws over panes, in their own pixels: the same shapes at the same image place on each."""

    def __init__(self, measuring: Measuring, places: Places) -> None:
        self._measuring = measuring
        self._places = places
        self._labels = Labels(measuring, places)
        self.shown = True
        self.labels: WeakKeyDictionary[Pane, dict[int, QRectF]] = WeakKeyDictionary()
        """Where the labels were drawn last."""

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw all measurements of the frame shown."""
        self.labels[pane] = {}
        if not self.shown or not self._places.ready(pane):
            return
        measurements = self._measuring.measurements
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bounds = {m.number: self._bounds(pane, m.shape) for m in measurements}
        for measurement in measurements:
            self._draw(painter, pane, measurement)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        written = [m for m in measurements if not m.shape.is_empty]
        self.labels[pane] = self._labels.draw(painter, pane, written, bounds)

    def hit(self, pane: Pane, position: QPointF) -> Hit | None:
        """Return what can be taken hold of at a place; the selected measurement comes first."""
        if not self.shown or not self._places.ready(pane):
            return None
        selected = self._measuring.selected
        in_order = sorted(
            self._measuring.measurements, key=lambda m: (m.number != selected, -m.number)
        )
        for measurement in in_order:
            for index, point in enumerate(measurement.shape.handles):
                if QLineF(self._places.to_screen(pane, point), position).length() <= _NEAR:
                    return Hit(measurement.number, index)
        for measurement in in_order:
            if self._distance(pane, measurement.shape, position) <= _NEAR - 1:
                return Hit(measurement.number, None)
            label = self.labels.get(pane, {}).get(measurement.number)
            if label is not None and label.contains(position):
                return Hit(measurement.number, None)
        return None

    def _draw(self, painter: QPainter, pane: Pane, measurement: Measurement) -> None:
        chosen = measurement.number == self._measuring.selected
        path = self._path(pane, measurement.shape)
        colour = QColor(theme().accent if chosen else theme().text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A dark rim below the line, so that it is seen on white too.
        for pen in (QPen(QColor(0, 0, 0, 190), 3.4), QPen(colour, 1.4)):
            painter.setPen(pen)
            painter.drawPath(path)
        self._draw_bow(painter, pane, measurement.shape, colour)
        if chosen and measurement.shape.kind == "ellipse":
            # Its handles are the corners of the box around it.
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
            painter.drawPolygon(QPolygonF(self._places.outline(pane, measurement.shape)))
        if chosen:
            painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
            painter.setBrush(colour)
            for point in measurement.shape.handles:
                painter.drawEllipse(self._places.to_screen(pane, point), _HANDLE, _HANDLE)

    def _draw_bow(self, painter: QPainter, pane: Pane, shape: Shape, colour: QColor) -> None:
        """Mark which angle is meant: a bow at the vertex, a dotted line between Cobb's two."""
        points = [self._places.to_screen(pane, point) for point in shape.points]
        if shape.kind == "cobb":
            middles = [(points[0] + points[1]) / 2, (points[2] + points[3]) / 2]
            painter.setPen(QPen(QColor(0, 0, 0, 190), 3))
            painter.drawLine(middles[0], middles[1])
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DotLine))
            painter.drawLine(middles[0], middles[1])
        elif shape.kind == "angle":
            arms = QLineF(points[1], points[0]), QLineF(points[1], points[2])
            radius = min(24.0, *(arm.length() * 0.6 for arm in arms))
            if radius > 4:
                span = (arms[1].angle() - arms[0].angle() + 180) % 360 - 180
                painter.setPen(QPen(colour, 1.2))
                square = QRectF(-radius, -radius, 2 * radius, 2 * radius).translated(points[1])
                painter.drawArc(square, round(16 * arms[0].angle()), round(16 * span))

    def _path(self, pane: Pane, shape: Shape) -> QPainterPath:
        points = self._places.outline(pane, shape)
        path = QPainterPath()
        if shape.kind == "probe":
            (x, y) = points[0].x(), points[0].y()
            for dx, dy in ((_CROSS, 0), (0, _CROSS)):
                path.moveTo(x - dx, y - dy)
                path.lineTo(x + dx, y + dy)
        elif shape.kind == "ellipse":
            path.addEllipse(QRectF(points[0], points[2]).normalized())
        elif shape.kind == "cobb":
            path.moveTo(points[0])
            path.lineTo(points[1])
            path.moveTo(points[2])
            path.lineTo(points[3])
        else:
            path.addPolygon(QPolygonF(points))
            if shape.is_region:
                path.closeSubpath()
        if shape.kind == "length":
            self._add_ends(path, points)
        return path

    @staticmethod
    def _add_ends(path: QPainterPath, points: list[QPointF]) -> None:
        """Add the short strokes across both ends of a length."""
        line = QLineF(points[0], points[1])
        if line.length() < 1:
            return
        across = line.normalVector().unitVector()
        way = QPointF(across.dx(), across.dy()) * 5
        for point in points:
            path.moveTo(point - way)
            path.lineTo(point + way)

    def _bounds(self, pane: Pane, shape: Shape) -> QRectF:
        points = self._places.outline(pane, shape)
        box = QPolygonF(points).boundingRect()
        return box.adjusted(-_CROSS, -_CROSS, _CROSS, _CROSS)

    def _distance(self, pane: Pane, shape: Shape, position: QPointF) -> float:
        """Return how far a place is from the lines of a shape, in screen pixels."""
        points = self._places.outline(pane, shape)
        if shape.kind == "probe":
            return QLineF(points[0], position).length()
        if shape.kind == "ellipse":
            return _from_ellipse(QRectF(points[0], points[2]).normalized(), position)
        pairs = list(itertools.pairwise(points))
        if shape.kind == "cobb":
            pairs = [(points[0], points[1]), (points[2], points[3])]
        elif shape.is_region:
            pairs.append((points[-1], points[0]))
        return min(_from_segment(a, b, position) for a, b in pairs)


def _from_segment(first: QPointF, second: QPointF, position: QPointF) -> float:
    way, to = second - first, position - first
    square = way.x() ** 2 + way.y() ** 2
    along = 0.0
    if square > 0:
        along = min(max((to.x() * way.x() + to.y() * way.y()) / square, 0.0), 1.0)
    return QLineF(first + way * along, position).length()


def _from_ellipse(box: QRectF, position: QPointF) -> float:
    """Distance to the outline along the ray from the middle: near enough to be hit."""
    a, b = max(box.width() / 2, 1e-6), max(box.height() / 2, 1e-6)
    away = position - box.center()
    reach = math.hypot(away.x() / a, away.y() / b)
    length = math.hypot(away.x(), away.y())
    return min(a, b) if reach < 1e-9 else abs(length - length / reach)

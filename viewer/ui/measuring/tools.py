"""The tools that draw measurements, and the one that changes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, Qt

from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.shapes import Kind, Point, Shape, thinned
from viewer.session.measuring import Measuring
from viewer.ui.measuring.layer import Hit
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane

_CLICK = 4
"""Screen pixels below which a drag was a click."""
_COUNT: dict[Kind, int] = {
    "length": 2, "angle": 3, "cobb": 4, "rectangle": 2, "ellipse": 2, "profile": 2, "probe": 1,
}  # fmt: skip

Finish = Callable[[Measurement], None]
"""Takes a measurement that was drawn."""


class PointsTool:
    """Places point after point, by dragging from one to the next or by clicking each.

    An angle is a drag along one arm to the vertex and a click at the end of the other; a Cobb
    angle a drag along each of two lines.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, kind: Kind, measuring: Measuring, places: Places, finish: Finish) -> None:
        self._kind = kind
        self._measuring = measuring
        self._places = places
        self._finish = finish
        self._placed: list[Point] = []
        self._pressed: QPointF | None = None
        self._began = False
        self._path: Path | None = None

    @property
    def is_open(self) -> bool:
        """Whether points were placed and more are to come."""
        return bool(self._placed)

    def press(self, pane: Pane, position: QPointF) -> None:
        """Fix the first point of a line, or take up the next one."""
        if self._path != self._measuring.path:
            self._placed.clear()
        self._path = self._measuring.path
        self._pressed = position
        self._began = len(self._placed) in ((0, 2) if self._kind == "cobb" else (0,))
        if self._began:
            if not self._placed:
                self._measuring.select(None)
            self._placed.append(self._places.to_stored(pane, position))
        self._preview(self._places.to_stored(pane, position))

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Show what would be measured."""
        self._preview(self._places.to_stored(pane, position))

    def hover(self, pane: Pane, position: QPointF) -> None:
        """Let the next point follow the mouse between two clicks."""
        if self._placed and self._path == self._measuring.path and self._places.ready(pane):
            self._preview(self._places.to_stored(pane, position))

    def release(self, pane: Pane, position: QPointF) -> None:
        """Fix a point; with the last one the measurement is done."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or not self._placed or self._path != self._measuring.path:
            self.give_up()
            return
        moved = (position - pressed).manhattanLength() >= _CLICK
        if (not self._began or moved) and len(self._placed) < _COUNT[self._kind]:
            self._placed.append(self._places.to_stored(pane, position))
        if len(self._placed) < _COUNT[self._kind]:
            return
        shape = Shape(self._kind, tuple(self._placed)).snapped()
        self._placed.clear()
        self._measuring.drag(None)
        if not shape.is_empty:
            self._finish(self._measuring.add(shape))

    def give_up(self) -> bool:
        """Forget the points placed; whether there were any."""
        there = bool(self._placed)
        self._placed.clear()
        self._pressed = None
        if there:
            self._measuring.drag(None)
        return there

    def _preview(self, last: Point) -> None:
        if not self._placed:
            return
        points = [*self._placed, *[last] * (_COUNT[self._kind] - len(self._placed))]
        self._measuring.drag(self._measuring.add(Shape(self._kind, tuple(points)).snapped()))


class FreehandTool:
    """Draws an outline that closes itself when the mouse is let go."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, measuring: Measuring, places: Places, finish: Finish) -> None:
        self._measuring = measuring
        self._places = places
        self._finish = finish
        self._stroke: list[Point] = []
        self._path: Path | None = None

    def press(self, pane: Pane, position: QPointF) -> None:
        """Begin."""
        self._path = self._measuring.path
        self._measuring.select(None)
        self._stroke = [self._places.to_stored(pane, position)]

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Go on."""
        if self._stroke:
            self._stroke.append(self._places.to_stored(pane, position))
            shape = self._shape()
            if shape is not None:
                self._measuring.drag(self._measuring.add(shape))

    def release(self, pane: Pane, position: QPointF) -> None:
        """Close the outline."""
        shape = self._shape() if self._path == self._measuring.path else None
        self._stroke = []
        self._measuring.drag(None)
        if shape is not None and not shape.is_empty:
            self._finish(self._measuring.add(shape))

    def give_up(self) -> bool:
        """Forget the stroke; whether there was one."""
        there, self._stroke = bool(self._stroke), []
        if there:
            self._measuring.drag(None)
        return there

    def _shape(self) -> Shape | None:
        points = thinned(self._stroke)
        return Shape("freehand", points) if len(points) >= 3 else None


class ProbeTool:
    """Reads the value where the mouse is let go."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, measuring: Measuring, places: Places, finish: Finish) -> None:
        self._measuring = measuring
        self._places = places
        self._finish = finish

    def press(self, pane: Pane, position: QPointF) -> None:
        """Show the value."""
        self._measuring.select(None)
        self._measuring.drag(self._measuring.add(self._shape(pane, position)))

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Show the value where the mouse is now."""
        self._measuring.drag(self._measuring.add(self._shape(pane, position)))

    def release(self, pane: Pane, position: QPointF) -> None:
        """Keep it."""
        measurement = self._measuring.add(self._shape(pane, position))
        self._measuring.drag(None)
        self._finish(measurement)

    def give_up(self) -> bool:
        """Forget the value."""
        self._measuring.drag(None)
        return False

    def _shape(self, pane: Pane, position: QPointF) -> Shape:
        """The middle of the pixel, so that what is marked is what is read."""
        x, y = self._places.to_stored(pane, position)
        columns, rows = self._places.size()
        return Shape("probe", ((min(int(x), columns - 1) + 0.5, min(int(y), rows - 1) + 0.5),))


class EditTool:
    """Drags a handle of a measurement, or the whole of it."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self,
        measuring: Measuring,
        places: Places,
        change: Callable[[Measurement, Measurement], None],
    ) -> None:
        self._measuring = measuring
        self._places = places
        self._change = change
        self.hit: Hit | None = None
        self._before: Measurement | None = None
        self._from: Point = (0.0, 0.0)

    def press(self, pane: Pane, position: QPointF) -> None:
        """Take hold of what was hit."""
        assert self.hit is not None
        self._measuring.select(self.hit.number)
        self._before = self._measuring.get(self.hit.number)
        self._from = self._places.to_stored(pane, position)

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Show and measure it where it is now."""
        changed = self._changed(pane, position)
        if changed is not None:
            self._measuring.drag(changed)

    def release(self, pane: Pane, position: QPointF) -> None:
        """Keep it there."""
        before, changed = self._before, self._changed(pane, position)
        self._before = None
        self._measuring.drag(None)
        if before is None or changed is None or changed.shape.is_empty:
            return
        if changed.shape != before.shape:
            self._change(before, changed)

    def give_up(self) -> bool:
        """Leave it as it was."""
        there, self._before = self._before is not None, None
        if there:
            self._measuring.drag(None)
        return there

    def _changed(self, pane: Pane, position: QPointF) -> Measurement | None:
        before = self._before
        if before is None or self.hit is None or self._measuring.get(before.number) is None:
            return None
        to = self._places.to_stored(pane, position)
        if self.hit.handle is not None:
            shape = before.shape.with_handle(self.hit.handle, to)
        else:
            dx, dy = to[0] - self._from[0], to[1] - self._from[1]
            if before.shape.kind in ("rectangle", "probe"):
                dx, dy = float(round(dx)), float(round(dy))
            shape = before.shape.moved(dx, dy, *self._places.size())
        return Measurement(before.number, shape.snapped(), before.frame)

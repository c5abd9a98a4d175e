"""Stored pixel coordinates <-> the screen of a pane, however the image is turned."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from viewer.metrics.measuring.shapes import Point, Shape
from viewer.session.session import Session
from viewer.ui.pane import Pane


class Places:
    """Where points of the image shown lie on a pane."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def size(self) -> tuple[int, int]:
        """Columns and rows of the stored picture; 1 by 1 without one."""
        radiograph = self._session.radiograph
        if radiograph is None:
            return 1, 1
        return radiograph.header.columns, radiograph.header.rows

    def to_screen(self, pane: Pane, point: Point) -> QPointF:
        """Return where a stored point lies in the pane's pixels."""
        geometry = pane.geometry_of_image
        assert geometry is not None
        shown = self._session.view.turn.to_shown(point[0], point[1], *self.size())
        return QPointF(*geometry.to_screen(*shown))

    def to_stored(self, pane: Pane, position: QPointF) -> Point:
        """Return the stored point under a place on the pane, brought into the image."""
        geometry = pane.geometry_of_image
        assert geometry is not None
        shown = geometry.to_image(position.x(), position.y())
        columns, rows = self.size()
        x, y = self._session.view.turn.to_stored(shown[0], shown[1], columns, rows)
        return min(max(x, 0.0), float(columns)), min(max(y, 0.0), float(rows))

    def ready(self, pane: Pane) -> bool:
        """Whether a pane shows the image, so that it can be measured there."""
        return pane.geometry_of_image is not None and self._session.radiograph is not None

    def outline(self, pane: Pane, shape: Shape) -> list[QPointF]:
        """Return corners or points of a shape on the screen."""
        points = shape.handles if shape.kind in ("rectangle", "ellipse") else shape.points
        return [self.to_screen(pane, point) for point in points]

"""Pan and zoom: they change the view that all panes share."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from viewer.session.session import Session
from viewer.ui.mouse.assignment import MouseMap
from viewer.ui.pane import Pane

_ZOOM_A_PIXEL = 1.01


class PanTool:
    """Moves the image with the mouse."""

    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self, session: Session) -> None:
        self._session = session

    def press(self, pane: Pane, position: QPointF) -> None:
        """Take hold."""
        pane.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Follow."""
        geometry = pane.geometry_of_image
        if geometry is not None:
            centre, scale = geometry.panned(way.x(), way.y())
            self._session.set_view(centre=centre, scale=scale)

    def release(self, pane: Pane, position: QPointF) -> None:
        """Let go."""


class ZoomTool:
    """Zooms around the point where the drag began: up is closer, or as `mouse` has it."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, session: Session, mouse: MouseMap) -> None:
        self._session = session
        self._mouse = mouse
        self._fixed = QPointF()

    def press(self, pane: Pane, position: QPointF) -> None:
        """Note the point that stays."""
        self._fixed = position

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Follow."""
        up = way.y() if self._mouse.assignment.zoom_reversed else -way.y()
        zoom_at(self._session, pane, self._fixed, _ZOOM_A_PIXEL**up)

    def release(self, pane: Pane, position: QPointF) -> None:
        """End."""


def zoom_at(session: Session, pane: Pane, position: QPointF, factor: float) -> None:
    """Zoom all panes with the image point under a screen position kept in place."""
    geometry = pane.geometry_of_image
    if geometry is not None:
        centre, scale = geometry.zoomed(factor, (position.x(), position.y()))
        session.set_view(centre=centre, scale=scale)

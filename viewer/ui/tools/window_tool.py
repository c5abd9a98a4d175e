"""Window/level: right is wider, down is a higher centre."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from viewer.session.session import Session
from viewer.ui.pane import Pane

_GAIN_STEP = 32
"""Screen pixels of a vertical drag that double the gain of a difference."""


class WindowTool:
    """Drags window and level; on maps, which have a scale of their own, the gain.

    Parameters
    ----------
    change_gain : callable
        Takes the number of doublings.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, session: Session, change_gain: Callable[[int], None]) -> None:
        self._session = session
        self._change_gain = change_gain
        self._left_over = 0.0

    def press(self, pane: Pane, position: QPointF) -> None:
        """Begin."""
        self._left_over = 0.0

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Follow."""
        if pane.picture is None or pane.picture.windowed:
            self._session.drag_window(way.x(), way.y())
            return
        self._left_over -= way.y()
        doublings = int(self._left_over / _GAIN_STEP)
        if doublings:
            self._left_over -= doublings * _GAIN_STEP
            self._change_gain(doublings)

    def release(self, pane: Pane, position: QPointF) -> None:
        """End."""

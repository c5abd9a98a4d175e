"""Window/level: right is wider, down is a higher centre, unless the reader wants otherwise."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from viewer.session.session import Session
from viewer.ui.mouse.assignment import MouseMap
from viewer.ui.pane import Pane

_GAIN_STEP = 32
"""Screen pixels of a vertical drag that double the gain of a difference."""


class WindowTool:
    """Drags window and level; on maps, which have a scale of their own, the gain.

    Parameters
    ----------
    change_gain : callable
        Takes the number of doublings.
    mouse : MouseMap
        Which way a drag works.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(
        self, session: Session, change_gain: Callable[[int], None], mouse: MouseMap
    ) -> None:
        self._session = session
        self._mouse = mouse
        self._change_gain = change_gain
        self._left_over = 0.0

    def press(self, pane: Pane, position: QPointF) -> None:
        """Begin."""
        self._left_over = 0.0

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Follow."""
        if pane.picture is None or pane.picture.windowed:
            signs = self._mouse.assignment
            across = -way.x() if signs.width_reversed else way.x()
            down = -way.y() if signs.level_reversed else way.y()
            self._session.drag_window(across, down)
            return
        self._left_over -= way.y()
        doublings = int(self._left_over / _GAIN_STEP)
        if doublings:
            self._left_over -= doublings * _GAIN_STEP
            self._change_gain(doublings)

    def release(self, pane: Pane, position: QPointF) -> None:
        """End."""

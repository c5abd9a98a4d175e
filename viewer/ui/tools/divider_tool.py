"""Takes hold of the border of a swipe."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from viewer.ui.in_one_pane import InOnePane
from viewer.ui.pane import Pane

REACH = 8
"""Screen pixels from the border within which it is taken hold of."""


class DividerTool:
    """The border follows the mouse."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, how: InOnePane) -> None:
        self._how = how
        self._apart = 0.0

    def press(self, pane: Pane, position: QPointF) -> None:
        """Take hold where it is, so that it does not jump."""
        self._apart = self._how.divider * pane.viewport().width() - position.x()
        pane.viewport().setCursor(self.cursor)

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Follow."""
        self._how.set_divider((position.x() + self._apart) / max(pane.viewport().width(), 1))

    def release(self, pane: Pane, position: QPointF) -> None:
        """Let go."""

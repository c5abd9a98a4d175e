"""What a tool is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from viewer.ui.pane import Pane


class Tool(Protocol):
    """Follows one drag on one pane. Positions are screen pixels of the pane."""

    cursor: Qt.CursorShape

    def press(self, pane: Pane, position: QPointF) -> None:
        """Begin."""

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Go on: `way` is what the mouse moved since the last call."""

    def release(self, pane: Pane, position: QPointF) -> None:
        """End."""


@runtime_checkable
class HoverTool(Protocol):
    """A tool that follows the mouse between two presses too."""

    def hover(self, pane: Pane, position: QPointF) -> None:
        """Take over where the mouse is."""

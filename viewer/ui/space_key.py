"""Space flips to the original wherever the focus is: tables and plots leave it to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class _SpaceThrough(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Space from a widget; not accepted, it goes on to the parents."""
        keys = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        is_key = event.type() in keys and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Space:  # type: ignore[attr-defined]
            event.ignore()
            return True
        return False


def leave_space(widget: QWidget) -> None:
    """Have a widget leave Space to the window."""
    widget.installEventFilter(_SpaceThrough(widget))

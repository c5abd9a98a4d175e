"""What the mouse does on a pane, told as signals; nothing is decided here."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget


class PaneMouse(pg.GraphicsView):
    """Passes on what the mouse does, but for what handles on the picture want themselves."""

    pressed = Signal(QPointF, Qt.MouseButton)
    dragged = Signal(QPointF, QPointF)
    """Position, and the way since the last one, in screen pixels."""
    released = Signal(QPointF, Qt.MouseButton)
    doubled = Signal(QPointF)
    wheeled = Signal(QPointF, float)
    """Position, and steps of the wheel: positive is away from the user."""
    hovered = Signal(object)
    """Position, or None when the mouse has left."""

    def __init__(self, parent: QWidget | None, background: str) -> None:
        super().__init__(parent, background=background)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.wheel_modifiers = Qt.KeyboardModifier.NoModifier
        """What was held when the wheel was turned last."""
        self._last_position: QPointF | None = None

    def on_handle(self, event: QMouseEvent) -> bool:
        """Return whether something on the picture wants the mouse for itself."""
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of it, unless the rectangle's handles want it."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._last_position = event.position()
        if event.button() == Qt.MouseButton.LeftButton and self.on_handle(event):
            self._last_position = None
            super().mousePressEvent(event)
            return
        self.pressed.emit(event.position(), event.button())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of drags and of where the mouse is."""
        self.hovered.emit(event.position())
        if event.buttons() and self._last_position is not None:
            way = event.position() - self._last_position
            self._last_position = event.position()
            self.dragged.emit(event.position(), way)
            event.accept()
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        if self._last_position is None:
            super().mouseReleaseEvent(event)
            return
        if not event.buttons():
            self._last_position = None
        self.released.emit(event.position(), event.button())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        self.doubled.emit(event.position())
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Tell how far the wheel went."""
        self.wheel_modifiers = event.modifiers()
        way = event.angleDelta()
        # With Shift held some systems turn the wheel sideways.
        self.wheeled.emit(event.position(), (way.y() or way.x()) / 120)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell where the mouse came in."""
        self.hovered.emit(event.position())

    def leaveEvent(self, event: QEnterEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave keys to the window: pyqtgraph would keep them."""
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Have none: the right button is window/level."""
        event.accept()

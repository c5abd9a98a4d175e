"""The permanent mark of a lossy picture: it can be moved to another corner, never removed."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup, QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from viewer.ui.theme import GRID, theme


class Corner(Enum):
    """A corner of a pane."""

    UPPER_RIGHT = "upper right"
    LOWER_RIGHT = "lower right"
    LOWER_LEFT = "lower left"
    UPPER_LEFT = "upper left"


class LossyMark(QLabel):
    """A small amber label in a corner of a pane."""

    moved = Signal(Corner)
    """By the user, with the mouse or the menu."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self.corner = Corner.UPPER_RIGHT
        self._inset = dict.fromkeys(Corner, 0)
        self._grabbed: QPoint | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(self.tr("Drag to another corner; it cannot be removed."))
        self.hide()

    def show_text(self, text: str, *, lossy: bool) -> None:
        """Show what the picture has lost; "" only for one that never lost anything."""
        colours = theme()
        colour = colours.lossy if lossy else colours.quiet
        self.setStyleSheet(
            f"color: {colour}; background: rgba(19, 21, 23, 215);"
            f"border: 1px solid {colour}; border-radius: 3px; padding: 1px 6px;"
        )
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.place()

    def set_inset(self, corner: Corner, height: int) -> None:
        """Keep `height` pixels free for what is written in a corner."""
        self._inset[corner] = height

    def place(self) -> None:
        """Go to the corner, wrapped where the pane is narrow; called when its size changes."""
        self.fit()
        self.move(self.spot(self.corner))
        self.raise_()

    def fit(self) -> None:
        """Take the size the text needs within the pane."""
        room = max(self._pane.width() - 2 * GRID, 1)
        self.setWordWrap(False)
        self.setMaximumWidth(room)
        if self.sizeHint().width() > room:
            self.setWordWrap(True)
            self.resize(room, self.heightForWidth(room))
        else:
            self.resize(self.sizeHint())

    def spot(self, corner: Corner) -> QPoint:
        """Return the position in a corner."""
        room = self._pane.size()
        right = corner in (Corner.UPPER_RIGHT, Corner.LOWER_RIGHT)
        lower = corner in (Corner.LOWER_LEFT, Corner.LOWER_RIGHT)
        x = room.width() - GRID - self.width() if right else GRID
        inset = GRID + self._inset[corner]
        y = room.height() - inset - self.height() if lower else inset
        return QPoint(max(0, x), max(0, y))

    def go_to(self, corner: Corner) -> None:
        """Move to a corner because the user wants it there."""
        self.corner = corner
        self.place()
        self.moved.emit(corner)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse within the pane."""
        if self._grabbed is not None:
            wanted = self.mapToParent(event.position().toPoint() - self._grabbed)
            room = self._pane.size() - self.size()
            x = min(max(wanted.x(), 0), max(room.width(), 0))
            y = min(max(wanted.y(), 0), max(room.height(), 0))
            self.move(x, y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: settle in the nearest corner."""
        if self._grabbed is None:
            return
        self._grabbed = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        here = self.pos()
        self.go_to(min(Corner, key=lambda corner: (self.spot(corner) - here).manhattanLength()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the corners by name, for those who do not drag."""
        menu = QMenu(self)
        self.fill_menu(menu)
        menu.exec(event.globalPos())

    def fill_menu(self, menu: QMenu) -> None:
        """Add an entry for each corner."""
        group = QActionGroup(menu)
        for corner in Corner:
            action = menu.addAction(self.tr("Mark in the {} corner").format(self.tr(corner.value)))
            action.setCheckable(True)
            action.setChecked(corner is self.corner)
            action.triggered.connect(lambda _=False, corner=corner: self.go_to(corner))
            group.addAction(action)

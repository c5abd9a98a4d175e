"""A pane in a window of its own, for a second monitor: it follows the view of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.ui.pane_frame import PaneFrame

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

_FIRST_SIZE = (900, 760)
_APART = 48
_KEPT = "second_window"


class SecondWindow(QWidget):
    """Fills another monitor where there is one; all keys work in it too."""

    closed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._settings = window.settings
        self.setWindowTitle(self.tr("{}: second window").format(window.windowTitle()))
        self.setWindowIcon(window.windowIcon())
        self.frame = PaneFrame("window", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self.addActions(window.actions())
        window.panes.add(self.frame)

    def open(self) -> None:
        """Come up where it was, else on another monitor, else beside the window's corner."""
        here = self._window.screen()
        others = [screen for screen in QGuiApplication.screens() if screen is not here]
        if self.restoreGeometry(self._settings.state(_KEPT)):
            self.show()
        elif others:
            self.setGeometry(others[0].availableGeometry())
            self.showMaximized()
        else:
            room = here.availableGeometry()
            width, height = min(_FIRST_SIZE[0], room.width()), min(_FIRST_SIZE[1], room.height())
            corner = self._window.geometry().topLeft()
            x = min(corner.x() + _APART, room.right() - width)
            y = min(corner.y() + _APART, room.bottom() - height)
            self.setGeometry(max(x, room.left()), max(y, room.top()), width, height)
            self.show()
        self.raise_()
        self.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Flip with Space here as in the other window."""
        self._window.keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Flip back."""
        self._window.keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the pane."""
        self._settings.set(_KEPT, self.saveGeometry())
        self._window.panes.in_one.hold(False)
        self._window.panes.remove(self.frame)
        super().closeEvent(event)
        self._window.activateWindow()
        self.closed.emit()
        self.deleteLater()

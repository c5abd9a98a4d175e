"""The panes on the whole screen: what stands around them goes, and comes back after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDockWidget, QWidget

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class FullScreen:
    """Hides docks, bars and menu while the window fills the screen; their keys still work."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._hidden: list[QWidget] = []
        self._maximised = False

    @property
    def on(self) -> bool:
        """Whether the panes fill the screen."""
        return self._window.isFullScreen()

    def switch(self, on: bool) -> None:
        """Fill the screen, or go back to the window as it was."""
        window = self._window
        if on == self.on:
            return
        if on:
            self._maximised = window.isMaximized()
            around: list[QWidget] = [
                *window.findChildren(QDockWidget),
                window.tool_bar,
                window.menuBar(),
                window.statusBar(),
            ]
            self._hidden = [widget for widget in around if not widget.isHidden()]
            for widget in self._hidden:
                widget.hide()
            window.showFullScreen()
        else:
            if self._maximised:
                window.showMaximized()
            else:
                window.showNormal()
            for widget in self._hidden:
                widget.show()
            self._hidden = []
        window.actions_by_key["full_screen"].setChecked(on)

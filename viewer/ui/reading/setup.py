"""Blind reading in the main window: its actions, and its window when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.ui.reading.window import ReadingWindow

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class ReadingParts(QObject):
    """What blind reading adds to a window.

    Attributes
    ----------
    reading_window : ReadingWindow or None
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.reading_window: ReadingWindow | None = None
        window.actions_by_key.on("reading", lambda: self._made().open_new())
        window.actions_by_key.on("reading_resume", lambda: self._made().resume())

    def close(self) -> None:
        """Leave the reading, which stays on disk."""
        if self.reading_window is not None:
            self.reading_window.close()

    def _made(self) -> ReadingWindow:
        if self.reading_window is None:
            window = self._window
            self.reading_window = ReadingWindow(window.session, window.settings, window)
        return self.reading_window

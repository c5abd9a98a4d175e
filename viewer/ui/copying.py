"""Copying panes: by a key the one below the mouse, by a menu on its title any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from viewer.ui.clipboard import CopyMenu, copy_picture, copy_text

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane_frame import PaneFrame


class PaneCopies(QObject):
    """What is copied carries the mark of what is lossy, and not whose image it is."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._panes = window.panes
        self._menus: list[CopyMenu] = []
        for frame in window.panes.frames:
            self._take(frame)
        window.panes.frame_added.connect(self._take)
        window.actions_by_key.on("copy_picture", self.copy)

    def copy(self) -> None:
        """Copy the table that has the focus, else the pane below the mouse, else the first."""
        table = focused_table()
        if table is not None:
            copy_text(table)
            return
        shown = [f for f in self._panes.frames if f.isVisible() and f.pane.picture is not None]
        below = [frame for frame in shown if frame.pane.viewport().underMouse()]
        chosen = below or shown
        if chosen:
            copy_picture(pane_picture(chosen[0]))

    def _take(self, frame: PaneFrame) -> None:
        self._menus.append(CopyMenu(frame, picture=lambda: pane_picture(frame)))


def focused_table() -> str | None:
    """Return what the panel with the focus gives as a table; None where it gives none."""
    widget = QApplication.focusWidget()
    while widget is not None:
        give = getattr(widget, "as_tsv", None)
        if callable(give):
            return str(give())
        widget = widget.parentWidget()
    return None


def pane_picture(frame: PaneFrame) -> QImage:
    """Return a pane as it is on the screen, without the lines that tell whose image it is."""
    pane = frame.pane
    kept = pane.overlay.texts
    pane.overlay.texts = replace(kept, upper_left=[])
    try:
        return pane.grab().toImage()
    finally:
        pane.overlay.texts = kept

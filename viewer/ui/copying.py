"""Copying panes: by a key the one below the mouse, by a menu on its title any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from viewer.ui.clipboard import CopyMenu, copy_picture

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
        """Copy the pane below the mouse; the first one shown where it is below none."""
        shown = [f for f in self._panes.frames if f.isVisible() and f.pane.picture is not None]
        below = [frame for frame in shown if frame.pane.viewport().underMouse()]
        chosen = below or shown
        if chosen:
            copy_picture(pane_picture(chosen[0]))

    def _take(self, frame: PaneFrame) -> None:
        self._menus.append(CopyMenu(frame, picture=lambda: pane_picture(frame)))


def pane_picture(frame: PaneFrame) -> QImage:
    """Return a pane as it is on the screen, without the lines that tell whose image it is."""
    pane = frame.pane
    kept = pane.overlay.texts
    pane.overlay.texts = replace(kept, upper_left=[])
    try:
        return pane.grab().toImage()
    finally:
        pane.overlay.texts = kept

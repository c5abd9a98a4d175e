"""Spoiling in the main window: its dock and its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.ui.docks import add_dock
from viewer.ui.spoiling.panel import SpoilPanel

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class SpoilParts(QObject):
    """What spoiling adds to a window.

    Attributes
    ----------
    panel : SpoilPanel
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._spoiling = window.session.spoiling
        self._undo = window.actions_by_key["unspoil"]
        self.panel = SpoilPanel(window.session)
        self.dock = add_dock(
            window,
            self.tr("Spoil the image first"),
            "spoil",
            self.panel,
            Qt.DockWidgetArea.RightDockWidgetArea,
            shown=False,
        )
        self.panel.undo_asked.connect(self._spoiling.undo)
        window.actions_by_key.on("unspoil", self._spoiling.undo)
        self._spoiling.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        spoiling = self._spoiling
        self._undo.setEnabled(bool(spoiling.asked) or bool(spoiling.text))

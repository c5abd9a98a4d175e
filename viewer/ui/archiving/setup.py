"""The archive window in the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QToolButton

from viewer.session.archiving import State
from viewer.ui.archiving.window import ArchiveWindow, may_end
from viewer.ui.theme import tabular

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class ArchivingParts(QObject):
    """What archiving adds to a window: an action, its window, a button while a run is on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.archive_window: ArchiveWindow | None = None
        self.button = QToolButton(window)
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setFont(tabular(self.button.font()))
        self.button.setToolTip(self.tr("Show the window of the archiving under way"))
        self.button.setAccessibleName(self.tr("Archiving under way"))
        self.button.clicked.connect(self.show)
        self.button.hide()
        window.actions_by_key.on("archive_studies", self.show)
        archiving = window.session.archiving
        archiving.progressed.connect(self._on_progress)
        archiving.state_changed.connect(self._on_state)

    def show(self) -> None:
        """Show the window."""
        window = self._window
        if self.archive_window is None:
            self.archive_window = ArchiveWindow(
                window.session, window.settings, window.dialogs, window
            )
        self.archive_window.show()
        self.archive_window.raise_()
        self.archive_window.activateWindow()

    def may_close(self) -> bool:
        """Ask where a run is under way; close the window then."""
        if not may_end(self._window.session.archiving.state, self._window):
            return False
        if self.archive_window is not None:
            self.archive_window.close()
        return True

    def _on_progress(self, fraction: float, text: str) -> None:
        archiving = self._window.session.archiving
        held = self.tr(" (paused)") if archiving.state is State.PAUSED else ""
        self.button.setText(self.tr("Archiving {n} %").format(n=int(100 * fraction)) + held)

    def _on_state(self, state: State) -> None:
        self.button.setVisible(state is not State.IDLE)
        if state is State.WORKING and not self.button.text():
            self.button.setText(self.tr("Archiving"))
        if state is State.IDLE:
            self.button.setText("")

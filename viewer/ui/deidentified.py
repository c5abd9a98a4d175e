"""The de-identified display: one switch, remembered, with marks that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from viewer.ui.theme import set_role

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

_KEPT = "deidentified"


class DeidentifiedDisplay(QObject):
    """Connects the switch of `Session.identities` to its action, and marks the window.

    Panes, study list, header window, dialogs and messages listen to `Session.identities`
    themselves: what could name a patient is left out where it is written.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._title = window.windowTitle()
        self._identities = window.session.identities
        self.mark = QLabel(self.tr("De-identified display"), window)
        self.mark.setContentsMargins(8, 0, 8, 0)
        self.mark.setToolTip(
            self.tr("Whose images these are is kept off the screen; the files still say it.")
        )
        set_role(self.mark, "accent")
        window.status.addPermanentWidget(self.mark)
        window.actions_by_key.on_toggle("deidentified", self.switch)
        self._identities.changed.connect(self._show)
        # Shown with names at the next start, a demonstration would have given them away.
        self._identities.hide(window.settings.text(_KEPT) == "yes")
        self._show(self._identities.hidden)

    def switch(self, hidden: bool) -> None:
        """Hide or show whose images these are, in the next runs too."""
        self._identities.hide(hidden)
        self._window.settings.set(_KEPT, "yes" if hidden else "no")
        self._window.settings.write()

    def _show(self, hidden: bool) -> None:
        self._window.actions_by_key["deidentified"].setChecked(hidden)
        self.mark.setVisible(hidden)
        self._window.setWindowTitle(
            f"{self._title} – {self.mark.text()}" if hidden else self._title
        )

"""The dialog of what the reader prefers: how the mouse works, what is remembered."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QVBoxLayout,
    QWidget,
)

from viewer.session.session import Session
from viewer.ui.mouse.assignment import AS_USUAL, MouseMap
from viewer.ui.mouse.form import MouseForm
from viewer.ui.theme import GRID


class PreferencesDialog(QDialog):
    """Shows what is preferred now, and takes changes over when it is accepted.

    Parameters
    ----------
    mouse : MouseMap
        Which is changed.

    Attributes
    ----------
    mouse : MouseForm
    recent : QCheckBox
        Whether a list of recent files is kept.
    """

    def __init__(self, session: Session, mouse: MouseMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumWidth(480)
        self.mouse = MouseForm(mouse, self)
        self.recent = QCheckBox(self.tr("&Keep a list of recent files"), self)
        self.recent.setToolTip(
            self.tr(
                "Names of files and folders may tell whose images they hold: without the list "
                "none is kept, nor the folders last opened and saved to"
            )
        )
        self.recent.setChecked(session.keeps_recent)
        privacy = QGroupBox(self.tr("Privacy"), self)
        QVBoxLayout(privacy).addWidget(self.recent)
        standard = QDialogButtonBox.StandardButton
        self.box = QDialogButtonBox(standard.Ok | standard.Cancel | standard.RestoreDefaults, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        for part in (self.mouse, privacy, self.box):
            layout.addWidget(part)
        self.mouse.checked.connect(self.box.button(standard.Ok).setEnabled)
        self.box.accepted.connect(self.accept)
        self.box.rejected.connect(self.reject)
        self.box.button(standard.RestoreDefaults).clicked.connect(self._show_usual)

    def accept(self) -> None:
        """Take over what is chosen."""
        self.mouse.take_over()
        keeps = self.recent.isChecked()
        if keeps != self._session.keeps_recent:
            self._session.set_keeps_recent(keeps)
        super().accept()

    def _show_usual(self) -> None:
        self.mouse.show_as(AS_USUAL)
        self.recent.setChecked(True)

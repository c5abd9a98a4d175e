"""The menu of what was opened before, which names nobody while identities are hidden."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from viewer.session.session import Session

_WIDEST = 48
"""Letters of a folder that are shown."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)


class RecentMenu(QMenu):
    """What was opened before, and the way to forget it.

    Attributes
    ----------
    forget : QAction
        "Clear recent files".
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(_tr("Open re&cent"), parent)
        self._session = session
        # It outlives the entries, which it takes away.
        self.forget = QAction(_tr("C&lear recent files"), parent)
        self.forget.setToolTip(_tr("Forget these files, and the folders last opened and saved to"))
        self.forget.triggered.connect(lambda _=False: session.clear_recent())
        session.recent_changed.connect(lambda _: self._fill())
        session.identities.changed.connect(lambda _: self._fill())
        self._fill()

    def _fill(self) -> None:
        self.clear()
        recent = self._session.recent
        self.setEnabled(bool(recent))
        if not recent:
            return
        # Names of files and folders often are those of patients.
        if self._session.identities.hidden:
            self.addAction(_tr("Names are hidden")).setEnabled(False)
        else:
            for path in recent:
                self._add(path)
        self.addSeparator()
        self.addAction(self.forget)

    def _add(self, path: Path) -> None:
        # A lone "&" would become an underline.
        action = self.addAction(f"{path.name}    {_short(path.parent)}".replace("&", "&&"))
        action.setToolTip(str(path))
        action.triggered.connect(lambda _=False: self._session.open_paths([path]))


def _short(folder: Path) -> str:
    text = str(folder)
    return text if len(text) <= _WIDEST else f"…{text[1 - _WIDEST :]}"

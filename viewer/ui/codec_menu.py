"""The codecs as a menu, so that they are found by keys and in the command palette."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from viewer.session.models import Coding
from viewer.session.session import Session
from viewer.ui.codec_choices import codec_choices


class CodecMenu(QMenu):
    """One entry a codec, that in use ticked; those that cannot be used here are off and say why.

    Parameters
    ----------
    session : Session
    choose : callable
        Takes the name of the codec that was chosen.
    parent : QWidget
    """

    def __init__(self, session: Session, choose: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("Menus", "C&odec"), parent)
        self.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        for choice in codec_choices():
            action = self.addAction(choice.title.replace("&", "&&"))
            action.setObjectName(f"codec_{choice.name}")
            action.setData(choice.name)
            action.setCheckable(True)
            action.setToolTip(choice.missing or choice.teaches)
            action.setEnabled(not choice.missing)
            action.triggered.connect(lambda _=False, name=choice.name: choose(name))
            self._group.addAction(action)
        session.coding_changed.connect(self._tick)
        self._tick(session.coding)

    def _tick(self, coding: Coding) -> None:
        for action in self._group.actions():
            action.setChecked(action.data() == coding.codec)

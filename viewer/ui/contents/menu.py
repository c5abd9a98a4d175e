"""The chooser on a pane: which picture, or which map of which two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from viewer.ui.contents.content import IMAGE, LATEST, ORIGINAL, Content
from viewer.ui.contents.kinds import kinds
from viewer.ui.shown_images import ShownImages

Choose = Callable[[Content], None]


def fill(menu: QMenu, content: Content, images: ShownImages, choose: Choose) -> None:
    """Offer everything that a pane can show now.

    Parameters
    ----------
    content : Content
        What it shows: checked.
    choose : callable
        Called with what is chosen.
    """
    menu.clear()
    menu.setToolTipsVisible(True)
    group = QActionGroup(menu)
    menu.addSection(menu.tr("Pictures"))
    for name in images.names():
        wanted = Content(IMAGE, name)
        _offer(menu, group, images.choice(name), wanted, content == wanted, choose)
    _maps(menu, group, content, choose)
    menu.addSection(menu.tr("Of which two"))
    _pictures(menu, menu.tr("Map looks at"), content, "first", images, choose)
    _pictures(menu, menu.tr("Map compares with"), content, "second", images, choose)


def _maps(menu: QMenu, group: QActionGroup, content: Content, choose: Choose) -> None:
    heading = ""
    for kind in kinds():
        if kind.group != heading:
            heading = kind.group
            menu.addSection(heading)
        first, second = _usual(content) if content.is_image else (content.first, content.second)
        wanted = Content(kind.key, first, second)
        title = QCoreApplication.translate("MapKind", kind.title)
        action = _offer(menu, group, title, wanted, content == wanted, choose)
        action.setToolTip(QCoreApplication.translate("MapKind", kind.tip))


def _usual(content: Content) -> tuple[str, str]:
    """Return the pair of a map that takes the place of a picture: it and the original."""
    return (LATEST if content.first == ORIGINAL else content.first), ORIGINAL


def _pictures(
    menu: QMenu, title: str, content: Content, field: str, images: ShownImages, choose: Choose
) -> None:
    choices = menu.addMenu(title)
    choices.setEnabled(not content.is_image)
    group = QActionGroup(choices)
    other = content.second if field == "first" else content.first
    for name in images.names():
        if name != other:
            wanted = replace(content, **{field: name})
            _offer(choices, group, images.choice(name), wanted, wanted == content, choose)


def _offer(
    menu: QMenu, group: QActionGroup, text: str, wanted: Content, chosen: bool, choose: Choose
) -> QAction:
    action = menu.addAction(text.replace("&", "&&"))
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(lambda _=False: choose(wanted))
    group.addAction(action)
    return action

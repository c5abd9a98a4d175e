"""A picture compared, and the chooser of a pane used as a reader uses it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from viewer.codecs.base import Target

WAIT = 20_000


def settle(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=WAIT)


def code(window, qtbot, target):
    window.session.set_target(target)
    with qtbot.waitSignal(window.session.coding_finished, timeout=WAIT):
        window.session.compress()
    return window.session.comparison


def compare(window, qtbot):
    """Code what a window shows with JPEG 2000 at half a bit a pixel."""
    window.session.set_codec("jpeg2000")
    code(window, qtbot, Target("bpp", 0.5))
    settle(window, qtbot)
    return window


def entries(menu: QMenu) -> dict[str, object]:
    found = {}
    for action in menu.actions():
        if action.menu() is not None:
            found |= {f"{action.text()}/{k}": v for k, v in entries(action.menu()).items()}
        elif not action.isSeparator():
            found[action.text()] = action
    return found


def chooser(frame) -> dict[str, object]:
    """Open the chooser as a click does and return what it offers."""
    offered = {}

    def look() -> None:
        menu = QApplication.activePopupWidget()
        offered.update(entries(menu))
        menu.close()

    QTimer.singleShot(0, look)
    QTest.mouseClick(frame.chooser, Qt.MouseButton.LeftButton)
    return offered


def pick(frame, start: str) -> None:
    """Choose the entry of the chooser whose text begins so."""
    (action,) = (each for text, each in chooser(frame).items() if text.startswith(start))
    action.trigger()

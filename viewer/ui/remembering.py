"""Layout and tool from one run to the next; the session itself keeps codec and target."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget

from viewer.session.models import TOOLS
from viewer.ui.coding_dock import WIDTH as CODING_WIDTH
from viewer.ui.studies_dock import WIDTH as STUDIES_WIDTH

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

_FIRST_SIZE = QSize(1440, 900)


def restore(window: MainWindow) -> None:
    """Put a new window where the last one was, with what was chosen there."""
    settings, session = window.settings, window.session
    if not window.restoreGeometry(settings.state("geometry")):
        room = window.screen().availableGeometry().size()
        window.resize(_FIRST_SIZE.boundedTo(room))
    if not window.restoreState(settings.state("layout"), _layout_version(window)):
        docks = [window.studies_dock, window.coding_dock]
        window.resizeDocks(docks, [STUDIES_WIDTH, CODING_WIDTH], Qt.Orientation.Horizontal)
    tool = settings.text("tool", "window")
    if tool in TOOLS:
        session.set_view(tool=tool)


def _layout_version(window: MainWindow) -> int:
    """Return a number of the docks there are: a layout kept before there was one of them is left.

    Qt would put docks that a kept layout does not know wherever there is room.
    """
    names = sorted(dock.objectName() for dock in window.findChildren(QDockWidget))
    return crc32(" ".join(names).encode()) & 0x7FFF


def remember(window: MainWindow) -> None:
    """Keep them for the next window."""
    settings, session = window.settings, window.session
    settings.set("geometry", window.saveGeometry())
    settings.set("layout", window.saveState(_layout_version(window)))
    settings.set("tool", session.view.tool)
    settings.write()

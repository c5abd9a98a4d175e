"""Layout, codec, target and tool from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QSize, Qt

from viewer.codecs import registry
from viewer.codecs.base import Target, TargetKind
from viewer.session.models import TOOLS
from viewer.ui.codec_choices import codec_choices
from viewer.ui.coding_dock import WIDTH as CODING_WIDTH
from viewer.ui.studies_dock import WIDTH as STUDIES_WIDTH

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

_LAYOUT_VERSION = 1
_FIRST_SIZE = QSize(1440, 900)


def restore(window: MainWindow) -> None:
    """Put a new window where the last one was, with what was chosen there."""
    settings, session = window.settings, window.session
    if not window.restoreGeometry(settings.state("geometry")):
        room = window.screen().availableGeometry().size()
        window.resize(_FIRST_SIZE.boundedTo(room))
    if not window.restoreState(settings.state("layout"), _LAYOUT_VERSION):
        docks = [window.studies_dock, window.coding_dock]
        window.resizeDocks(docks, [STUDIES_WIDTH, CODING_WIDTH], Qt.Orientation.Horizontal)
    codec = settings.text("codec")
    if codec in {choice.name for choice in codec_choices() if not choice.missing}:
        session.set_codec(codec)
    kind = settings.text("target")
    if kind in get_args(TargetKind) and kind in registry.get(session.coding.codec).info.targets:
        session.set_target(Target(kind, settings.number("target_value")))  # type: ignore[arg-type]
    tool = settings.text("tool", "window")
    if tool in TOOLS:
        session.set_view(tool=tool)


def remember(window: MainWindow) -> None:
    """Keep them for the next window."""
    settings, session = window.settings, window.session
    settings.set("geometry", window.saveGeometry())
    settings.set("layout", window.saveState(_LAYOUT_VERSION))
    settings.set("codec", session.coding.codec)
    settings.set("target", session.coding.target.kind)
    settings.set("target_value", session.coding.target.value)
    settings.set("tool", session.view.tool)
    settings.write()

"""A window as a picture, also without a display."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from viewer.errors import RadviewError
from viewer.ui.pane import Pane
from viewer.ui.panes import Panes

WAIT_S = 60.0
"""The longest that maps of what is shown are waited for."""


def grab(window: QWidget, path: Path | str) -> Path:
    """Write what a window shows as a PNG.

    Raises
    ------
    RadviewError
        When it cannot be written.
    """
    # What was asked for but not computed or drawn yet belongs into the picture.
    QApplication.processEvents()
    deadline = time.perf_counter() + WAIT_S
    for panes in window.findChildren(Panes):
        while not panes.settled and time.perf_counter() < deadline:
            QApplication.processEvents()
            time.sleep(0.002)
    for pane in window.findChildren(Pane):
        pane.draw_now()
    QApplication.processEvents()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(target), "PNG"):
        raise RadviewError(f"The screenshot '{target}' cannot be written.")
    return target

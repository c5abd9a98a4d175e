"""A window as a picture, also without a display."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from viewer.errors import RadviewError
from viewer.ui.pane import Pane


def grab(window: QWidget, path: Path | str) -> Path:
    """Write what a window shows as a PNG.

    Raises
    ------
    RadviewError
        When it cannot be written.
    """
    # What was asked for but not drawn yet belongs into the picture.
    QApplication.processEvents()
    for pane in window.findChildren(Pane):
        pane.draw_now()
    QApplication.processEvents()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(target), "PNG"):
        raise RadviewError(f"The screenshot '{target}' cannot be written.")
    return target

"""What this is, and what it is not for."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from viewer import __version__


def show_about(parent: QWidget) -> None:
    """Show a short text."""
    box = QMessageBox(parent)
    box.setWindowTitle("About")
    box.setText(f"Radiograph Viewer {__version__}")
    box.setInformativeText(
        "Shows what compression does to a radiograph, with JPEG 2000 and with learned codecs.\n\n"
        "Not for diagnostic use."
    )
    box.open()

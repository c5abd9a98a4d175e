"""What this is, and what it is not for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from viewer import __version__


def show_about(parent: QWidget) -> None:
    """Show a short text."""
    box = QMessageBox(parent)
    box.setWindowTitle(QCoreApplication.translate("About", "About"))
    box.setText(f"Radiograph Viewer {__version__}")
    box.setInformativeText(
        QCoreApplication.translate(
            "About",
            "Shows what compression does to a radiograph, with JPEG 2000 and with learned codecs."
            "\n\nNot for diagnostic use.",
        )
    )
    box.open()

"""What was dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def dropped_paths(data: QMimeData) -> list[Path]:
    """Return the local files and folders of a drop; none for text or web addresses."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]

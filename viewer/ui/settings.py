"""What the window remembers from one run to the next. Never who a patient is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

ARCHIVE_FOLDER = "archive_folder"
"""Key of the folder that studies were archived into last."""


class WindowSettings:
    """Layout, tool, marks and the folder last saved to, kept by QSettings.

    Parameters
    ----------
    store : QSettings, optional
        Where to; the user's own where none is given.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.defaultFormat(),
            QSettings.Scope.UserScope,
            "Radiograph Viewer",
            "radview",
        )

    def text(self, key: str, otherwise: str = "") -> str:
        """Return a remembered text."""
        return str(self._store.value(f"window/{key}", otherwise))

    def state(self, key: str) -> QByteArray:
        """Return a remembered geometry or layout; empty where there is none."""
        value: Any = self._store.value(f"window/{key}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set(self, key: str, value: str | float | QByteArray) -> None:
        """Remember a value."""
        self._store.setValue(f"window/{key}", value)

    def write(self) -> None:
        """Put everything on disk now."""
        self._store.sync()

    @property
    def folder(self) -> str:
        """The folder last saved to, as long as it is there."""
        kept = self.text("folder")
        return kept if kept and Path(kept).is_dir() else ""

    @folder.setter
    def folder(self, path: str) -> None:
        self.set("folder", path)

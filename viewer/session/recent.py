"""What is remembered from one run to the next: paths and codings, never whose images they are."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QObject, QSettings, Signal

from viewer.codecs import registry
from viewer.codecs.base import Target, TargetKind
from viewer.session.models import Coding

MAX_RECENT = 10
_RECENT, _FOLDER, _KEEPS = "session/recent", "session/last_folder", "session/keeps_recent"
DEFAULT_CODING = Coding("jpeg2000", Target("ratio", 20.0))


def default_settings() -> QSettings:
    """Return the settings of the product, in the format that `QSettings` now has by default."""
    return QSettings(
        QSettings.defaultFormat(), QSettings.Scope.UserScope, "Radiograph Viewer", "radview"
    )


class Memory(QObject):
    """Recent paths, last folder and last coding in a `QSettings`.

    What is read back is checked: a settings file may have been edited or be of another version.
    Names of files and folders may tell whose images they hold: where they are not to be kept,
    nothing of them is written, and the last folder is known until the window closes.
    """

    recent_changed = Signal(list)

    def __init__(self, settings: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings if settings is not None else default_settings()
        self._folder: Path | None = None

    @property
    def keeps_recent(self) -> bool:
        """Whether paths are kept for the next run."""
        return str(self._settings.value(_KEEPS, "yes")) != "no"

    @keeps_recent.setter
    def keeps_recent(self, keeps: bool) -> None:
        self._settings.setValue(_KEEPS, "yes" if keeps else "no")
        if not keeps:
            self.clear_recent()

    def clear_recent(self) -> None:
        """Forget the paths opened before and the folder, on the disk too."""
        for key in (_RECENT, _FOLDER):
            self._settings.remove(key)
        self._settings.sync()
        self.recent_changed.emit([])

    @property
    def recent(self) -> list[Path]:
        """Paths opened before, the latest first."""
        try:
            kept = json.loads(str(self._settings.value(_RECENT, "[]")))
        except ValueError:
            return []
        if not isinstance(kept, list):
            return []
        return [Path(path) for path in kept if isinstance(path, str) and path][:MAX_RECENT]

    def opened(self, paths: Iterable[Path]) -> None:
        """Put paths at the head of the recent list."""
        new = [path.absolute() for path in paths]
        if not new or not self.keeps_recent:
            return
        old = [path for path in self.recent if path not in new]
        recent = (new + old)[:MAX_RECENT]
        self._settings.setValue(_RECENT, json.dumps([str(path) for path in recent]))
        self.recent_changed.emit(recent)

    @property
    def last_folder(self) -> Path:
        """Where a file dialog begins: the folder last opened from if it is still there."""
        kept = str(self._settings.value(_FOLDER, ""))
        folder = self._folder or (Path(kept) if kept else Path.home())
        return folder if folder.is_dir() else Path.home()

    def visited(self, path: Path) -> None:
        """Take note of where something was opened."""
        self._folder = (path if path.is_dir() else path.parent).absolute()
        if self.keeps_recent:
            self._settings.setValue(_FOLDER, str(self._folder))

    @property
    def coding(self) -> Coding:
        """The coding last chosen, or the default."""
        codec = str(self._settings.value("session/codec", ""))
        kind = str(self._settings.value("session/target_kind", ""))
        device = str(self._settings.value("session/device", "auto"))
        try:
            value = float(str(self._settings.value("session/target_value", "")))
        except ValueError:
            return DEFAULT_CODING
        known = codec in registry.names() and kind in get_args(TargetKind) and math.isfinite(value)
        if not known or device not in ("auto", "cpu", "cuda", "mps"):
            return DEFAULT_CODING
        model = str(self._settings.value("session/model", ""))
        if len(model) != 64 or not set(model) <= set("0123456789abcdef"):
            model = ""
        return Coding(codec, Target(kind, value), device, model)  # type: ignore[arg-type]

    @coding.setter
    def coding(self, coding: Coding) -> None:
        self._settings.setValue("session/codec", coding.codec)
        self._settings.setValue("session/target_kind", coding.target.kind)
        self._settings.setValue("session/target_value", repr(float(coding.target.value)))
        self._settings.setValue("session/device", coding.device)
        self._settings.setValue("session/model", coding.model)

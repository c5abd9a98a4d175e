"""What was done with an image in this run or an earlier one: looked at, compared, archived.

Kept by a hash of its instance UID, or of its file where it has none: never by who it is of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

from viewer.images.radiograph import Header

MOST = 4000
"""Images remembered; those looked at longest ago are forgotten first."""
_KEY = "session/marks"
_PEEKED = 4096


class Mark(IntEnum):
    """What was done with an image; a later one includes those before."""

    NEW = 0
    SEEN = 1
    COMPARED = 2
    ARCHIVED = 3


class StudyMarks(QObject):
    """Remembers a `Mark` an image in the settings.

    Parameters
    ----------
    settings : QSettings
    is_archived : callable
        Whether a header came from an archive: such an image is archived, remembered or not.
    """

    changed = Signal(object)
    """The `Header` that has another mark."""

    def __init__(
        self,
        settings: QSettings,
        is_archived: Callable[[Header], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._is_archived = is_archived
        self._marks = self._kept()
        self._keys: dict[Path, str] = {}
        self._archiving: dict[Path, tuple[Header, ...]] = {}

    def of(self, header: Header) -> Mark:
        """Return what was done with an image."""
        if self._is_archived(header):
            return Mark.ARCHIVED
        return self._marks.get(self._key(header), Mark.NEW)

    def reach(self, header: Header, mark: Mark) -> None:
        """Note that an image has come as far as `mark`; it never goes back."""
        key = self._key(header)
        before = self._marks.pop(key, Mark.NEW)
        # Put at the end again: what was worked with last is forgotten last.
        self._marks[key] = max(before, mark)
        while len(self._marks) > MOST:
            del self._marks[next(iter(self._marks))]
        if mark > before:
            self._keep()
            self.changed.emit(header)

    def archiving(self, path: Path, headers: Iterable[Header]) -> None:
        """Note what is being written to an archive; `archived` says that it is there."""
        self._archiving[path] = tuple(headers)

    def archived(self, path: Path) -> None:
        """Mark what an archive that was written holds."""
        for header in self._archiving.pop(path, ()):
            self.reach(header, Mark.ARCHIVED)

    def _key(self, header: Header) -> str:
        key = self._keys.get(header.path)
        if key is None:
            uid = header.identity.instance_uid
            content = uid.encode() if uid else _content(header.path)
            key = self._keys[header.path] = hashlib.sha256(content).hexdigest()[:20]
        return key

    def _keep(self) -> None:
        self._settings.setValue(_KEY, json.dumps({k: int(m) for k, m in self._marks.items()}))

    def _kept(self) -> dict[str, Mark]:
        """Return what was kept; a settings file may have been edited."""
        try:
            found = json.loads(str(self._settings.value(_KEY, "{}")))
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        known = {int(mark): mark for mark in Mark}
        good = {
            key: known[value]
            for key, value in found.items()
            if isinstance(value, int) and value in known and len(key) == 20
        }
        return dict(list(good.items())[-MOST:])


def _content(path: Path) -> bytes:
    """Return what tells a file without a UID from others: its size, beginning and end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            start = file.read(_PEEKED)
            file.seek(max(0, size - _PEEKED))
            return size.to_bytes(8, "little") + start + file.read(_PEEKED)
    except OSError:
        return str(path).encode()

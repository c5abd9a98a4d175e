"""What was measured already, as JSON lines, so that a long evaluation can be taken up again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from viewer.errors import MeasureError


class RowCache:
    """Rows by key, appended as they come; a line that was cut off by a stop is not read.

    Parameters
    ----------
    path : Path or None
        The file; None keeps nothing.

    Raises
    ------
    MeasureError
        When the file cannot be read or written.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[str, dict[str, Any]] = {}
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise MeasureError(f"The cache {path} cannot be read.") from error
        for line in lines:
            try:
                row = json.loads(line)
                self._rows[str(row["key"])] = dict(row["value"])
            except (ValueError, KeyError, TypeError):
                continue

    def get(self, *key: object) -> dict[str, Any] | None:
        """Return what was kept under a key, or None."""
        return self._rows.get(_key(key))

    def put(self, value: dict[str, Any], *key: object) -> None:
        """Keep a row of JSON values."""
        name = _key(key)
        self._rows[name] = value
        if self._path is None:
            return
        try:
            with open(self._path, "a", encoding="utf-8") as file:
                # A line of its own even where the last one was cut off.
                file.write("\n" + json.dumps({"key": name, "value": value}))
        except OSError as error:
            raise MeasureError(f"The cache {self._path} cannot be written.") from error


def _key(parts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

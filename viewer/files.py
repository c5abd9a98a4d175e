"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from viewer.errors import RadviewError


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and put it in its place in one step.

    Raises
    ------
    RadviewError
        When the folder cannot be written or the disk is full; an older file stands as it was.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes a private file; figures and reports are as readable as the folder's rest.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise RadviewError(f"{path} cannot be written: {error.strerror or error}.") from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 in one step; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))

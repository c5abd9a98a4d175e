"""Many byte strings held in memory as long as they are few, in a file beyond that."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

HELD_BYTES = 16 << 20
"""What stays in memory of one image's bitstreams."""


class SpilledBytes:
    """Byte strings in the order they came; an image may have thousands of frames.

    What goes beyond `most` is in a file without a name, in the system's folder for temporary
    files, that is gone with this object or its process. It can be read by nobody else.

    Parameters
    ----------
    most : int
        Bytes held in memory.

    Raises
    ------
    OSError
        By `append`, when the disk of temporary files is full.
    """

    def __init__(self, most: int = HELD_BYTES) -> None:
        self._left = most
        self._held: list[bytes | tuple[int, int]] = []
        self._file: IO[bytes] | None = None

    def append(self, data: bytes) -> None:
        """Take in one more."""
        if len(data) <= self._left:
            self._left -= len(data)
            self._held.append(data)
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="radview-")  # noqa: SIM115  (held)
            weakref.finalize(self, self._file.close)
        start = self._file.seek(0, 2)
        self._file.write(data)
        self._held.append((start, len(data)))

    def __getitem__(self, index: int) -> bytes:
        found = self._held[index]
        if isinstance(found, bytes):
            return found
        assert self._file is not None
        start, size = found
        self._file.seek(start)
        data = self._file.read(size)
        if len(data) != size:
            raise OSError("a temporary file was cut short")
        return data

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[bytes]:
        return (self[index] for index in range(len(self)))

    @property
    def spilled(self) -> bool:
        """Whether some are in a file."""
        return self._file is not None

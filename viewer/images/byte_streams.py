"""Streams that a hostile file cannot make costly: bounded reads, bounded inflation."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import BinaryIO

from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from viewer.images.dicom_signature import PREFIX, data_set_start

DEFLATED = DeflatedExplicitVRLittleEndian.encode()

_LARGE_READ = 1 << 16
_MOST_READS = 180_000
_BYTES_A_READ = 1024
_CHUNK = 1 << 16
_ZLIB_HEADERS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class TooCostly(Exception):
    """Why reading on would take too much, as the second half of a sentence."""


class BoundedReader(io.BufferedReader):
    """A file that allocates no more for a read than is left in it, whatever a header claims.

    While `counted`, it also stops after 180,000 reads, and more in files as large as thousands
    of described frames make them: a header of endless empty elements.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw)
        self._most = _MOST_READS + self.seek(0, io.SEEK_END) // _BYTES_A_READ
        self.seek(0)
        self.counted = False
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read at most `size` bytes.

        Raises
        ------
        TooCostly
        """
        if self.counted:
            self._reads += 1
            if self._reads > self._most:
                raise TooCostly("its header has no end")
        if size is not None and size > _LARGE_READ:
            here = self.tell()
            end = self.seek(0, io.SEEK_END)
            self.seek(here)
            size = max(0, min(size, end - here))
        return super().read(size)


class ShiftedFile(io.FileIO):
    """A file seen as if it began some bytes later."""

    def __init__(self, path: Path, shift: int) -> None:
        super().__init__(path)
        self._shift = shift
        self.seek(0)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset from the shifted beginning."""
        moved = offset + self._shift if whence == io.SEEK_SET else offset
        return super().seek(moved, whence) - self._shift

    def tell(self) -> int:
        """Return the offset from the shifted beginning."""
        return super().tell() - self._shift


class HeldContent(io.BytesIO):
    """Inflated content that pydicom takes for a file."""

    name = ""


def inflated(raw: BinaryIO, most: int) -> bytes:
    """Return a deflated DICOM file as it would be without deflation (PS3.5 A.5).

    Parameters
    ----------
    raw : binary file
    most : int
        Bytes after which inflation stops; the file may go on.

    Raises
    ------
    zlib.error
        When the content is damaged from its beginning.
    """
    raw.seek(0)
    start = raw.read(_CHUNK)
    begin = data_set_start(start)
    if begin <= len(PREFIX):
        raise zlib.error("no file meta information before the deflated content")
    meta = start[:begin]
    meta = meta.replace(DEFLATED, ExplicitVRLittleEndian.encode().ljust(len(DEFLATED), b"\0"))
    raw.seek(begin)
    # Some writers wrap the stream as zlib does, which the standard does not.
    wrapped = start[begin : begin + 2] in _ZLIB_HEADERS
    unpack, parts, size = (
        zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS),
        [meta],
        len(meta),
    )
    while size < most and not unpack.eof:
        chunk = unpack.unconsumed_tail or raw.read(_CHUNK)
        if not chunk:
            break
        part = unpack.decompress(chunk, most - size)
        parts.append(part)
        size += len(part)
    return b"".join(parts)

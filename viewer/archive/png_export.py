"""Pictures and stored values -> PNG files that say when they were lossily coded."""

from __future__ import annotations

import struct
from pathlib import Path
from zlib import crc32

import numpy as np

from viewer.archive.atomic import new_file
from viewer.errors import ArchiveError
from viewer.images.radiograph import StoredPixels

_AFTER_IHDR = 8 + 4 + 4 + 13 + 4
_COLOUR_TYPE = 25


def lossy_note(ratio: float, mark: str) -> str:
    """Return the words put into a PNG of a reconstruction, and shown on panes.

    "lossy 18:1 JPEG 2000; not for diagnostic use".
    """
    shown = f"{ratio:.0f}" if ratio >= 9.95 else f"{ratio:.1f}"
    return f"lossy {shown}:1 {mark}; not for diagnostic use"


def png_bytes(pixels: StoredPixels, *, bits_stored: int | None = None, note: str = "") -> bytes:
    """Return a PNG of 8 or 16 bits a sample, without loss.

    Parameters
    ----------
    pixels : ndarray of uint8 or uint16, shape (rows, columns) or (rows, columns, 3)
    bits_stored : int, optional
        Significant bits, said in the chunk sBIT.
    note : str
        Put into a tEXt chunk "Comment".

    Raises
    ------
    ArchiveError
        When PNG cannot hold the values: signed or more than 16 bits.
    """
    import imagecodecs

    if pixels.dtype not in (np.uint8, np.uint16):
        raise ArchiveError(f"PNG holds unsigned values of 8 or 16 bits, not {pixels.dtype}.")
    data = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels)))
    chunks = b""
    if bits_stored is not None and bits_stored < 8 * pixels.dtype.itemsize:
        # One entry a channel, and there are as many as the colour type says (PNG 11.3.2.7).
        chunks += _chunk(b"sBIT", bytes([bits_stored]) * (1 if data[_COLOUR_TYPE] == 0 else 3))
    if note:
        chunks += _chunk(b"tEXt", b"Comment\0" + note.encode("latin-1", "replace"))
    return data[:_AFTER_IHDR] + chunks + data[_AFTER_IHDR:]


def write_png(
    path: Path | str,
    pixels: StoredPixels,
    *,
    bits_stored: int | None = None,
    note: str = "",
    replace: bool = True,
) -> Path:
    """Write a displayed picture (uint8) or stored values (uint8, uint16) as PNG.

    Parameters
    ----------
    replace : bool
        Whether a file of that name is replaced; else a number is put behind its stem.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ArchiveError
        When the values do not fit or the file cannot be written; an older file stands.
    """
    data = png_bytes(pixels, bits_stored=bits_stored, note=note)
    with new_file(Path(path), replace=replace) as pending:
        pending.stream.write(data)
    return pending.target


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

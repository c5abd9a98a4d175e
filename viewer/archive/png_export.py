"""Pictures and stored values -> PNG files that say when they were lossily coded."""

from __future__ import annotations

from pathlib import Path

from viewer.images.radiograph import StoredPixels


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
    raise NotImplementedError


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
    raise NotImplementedError

"""A file of any kind -> `Header` and `Radiograph`; the kind is told by content, not by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from viewer.errors import ImageError
from viewer.images import dicom, raster
from viewer.images.dicom_file import os_reason
from viewer.images.radiograph import Header, Radiograph

_START = 4096


def read_header(path: Path | str) -> Header:
    """Read all that is known of an image without its pixels.

    Raises
    ------
    ImageError
        "<file name>: <reason>.", when the file cannot be opened as an image.
    """
    path = Path(path)
    kind = _kind(_start(path))
    if kind == "DICOM":
        return dicom.read_header(path)
    if kind:
        return raster.read_header(path, kind)
    kinds = "DICOM, JPEG, PNG, JPEG 2000, JPEG XL or TIFF"
    empty = path.stat().st_size == 0
    reason = "it is empty" if empty else f"it is not a {kinds} image"
    raise ImageError(f"{path.name}: {reason}.")


def read_frame(header: Header, frame: int = 0) -> Radiograph:
    """Read one frame's stored pixels.

    Raises
    ------
    ImageError
        When the pixels are missing, truncated, damaged or not what the header says, or the file
        has changed since the header was read.
    IndexError
        When there is no such frame.
    """
    if _kind(_start(header.path)) != header.file_format:
        raise ImageError(f"{header.path.name}: it has changed since it was opened.")
    reader = dicom if header.file_format == "DICOM" else raster
    radiograph = reader.read_frame(header, frame)
    if radiograph.pixels.shape[:2] != (header.rows, header.columns):
        raise ImageError(f"{header.path.name}: it has changed since it was opened.")
    return radiograph


def read_frames(header: Header) -> Iterator[Radiograph]:
    """Yield every frame in turn (for hashes and archives of multi-frame images)."""
    for frame in range(header.frames):
        yield read_frame(header, frame)


def tell_kind(path: Path) -> str:
    """Return "DICOM", "JPEG", "PNG", "JPEG 2000", "JPEG XL", "TIFF" or "" by how a file begins.

    Raises
    ------
    ImageError
        When it cannot be read.
    """
    return _kind(_start(path))


def begins_like_image(start: bytes) -> bool:
    """Whether a file of which these are the first bytes may be of a kind that can be opened."""
    return bool(_kind(start))


def looks_like_image(path: Path) -> bool:
    """Whether a file begins like one of the kinds that can be opened."""
    try:
        return bool(tell_kind(path))
    except ImageError:
        return False


def _start(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    ImageError
    """
    try:
        if not path.is_file():
            reason = "it is not a file" if path.exists() else "there is no such file"
            raise ImageError(f"{path.name}: {reason}.")
        with open(path, "rb") as file:
            return file.read(_START)
    except OSError as error:
        raise ImageError(f"{path.name}: {os_reason(error)}.") from None


def _kind(start: bytes) -> str:
    """Return "DICOM", a raster kind, or "".

    The prefix of DICOM goes first, as its preamble may hold a TIFF header; the guess at DICOM
    without a preamble goes last.
    """
    if start[128:132] == b"DICM":
        return "DICOM"
    return raster.raster_kind(start) or ("DICOM" if dicom.is_dicom(start) else "")

"""The source file kept byte for byte: the pieces it is put together from, and how it is put."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from viewer.archive.atomic import new_file
from viewer.archive.codestreams import CODINGS, LosslessCoding, decode
from viewer.archive.native_words import NativeLayout, join, values_of
from viewer.errors import ArchiveError
from viewer.images.stored import expansion_fault
from viewer.progress import NEVER, CancelToken

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

How = Literal["header", "verbatim", "deflate", "pixels"]
MAX_PART_BYTES = 1 << 30
MAX_DEFLATED_BYTES = 64 << 20
"""Bytes of the file that one deflated part holds."""


@dataclass(frozen=True, slots=True)
class OriginalPart:
    """A run of bytes of the source file.

    Parameters
    ----------
    how : {"header", "verbatim", "deflate", "pixels"}
        From the kept DICOM header; from a member as it is; from a deflated member; a native frame
        from a lossless codestream and the rest of its words.
    size : int
        Bytes in the file.
    start : int
        Where in the kept header, for "header".
    data, rest : int
        Numbers of the members it needs among those kept for the original; -1 for none.
    coding : str
        For "pixels": "jpeg-ls", "htj2k", "jpeg-2000", or "payload" where the image's own
        bitstream is lossless and gives the values.
    frame : int
        Which frame, for "payload".
    layout : NativeLayout or None
        For "pixels".
    kept : int
        Bytes of its members.
    """

    how: How
    size: int
    start: int = 0
    data: int = -1
    rest: int = -1
    coding: LosslessCoding | Literal["payload", ""] = ""
    frame: int = 0
    layout: NativeLayout | None = None
    kept: int = 0


def expansion_of(parts: Sequence[OriginalPart], others: int) -> str:
    """Return why parts cannot honestly make a file of their size, or "".

    Parameters
    ----------
    others : int
        Bytes they draw on besides their members: the kept header and the bitstreams.
    """
    return expansion_fault(
        sum(part.size for part in parts), others + sum(part.kept for part in parts)
    )


def original_bytes(image: CodedImage, cancel: CancelToken = NEVER) -> Iterator[bytes]:
    """Yield the source file piece by piece; the caller checks its hash.

    Raises
    ------
    ArchiveError
        When it was not kept, or a piece is damaged.
    CodecError, ModelError, Cancelled
    """
    if not image.original:
        raise ArchiveError(
            f"{image.label()}: the original file was not kept; only its decoded image is here."
        )
    if sum(part.size for part in image.original) != image.source.size:
        raise ArchiveError(f"{image.label()}: the pieces of the original are not its size.")
    others = image.payload_bytes + len(image.members.dicom_header())
    if fault := expansion_of(image.original, others):
        raise ArchiveError(f"{image.label()}: {fault}.")
    for part in image.original:
        cancel.check()
        data = _part_bytes(image, part)
        if len(data) != part.size:
            raise ArchiveError(f"{image.label()}: a piece of the original file is damaged.")
        yield data


def check_original(image: CodedImage, cancel: CancelToken = NEVER) -> None:
    """Put the original file together in passing and compare its hash.

    Raises
    ------
    ArchiveError
        When it is not, byte for byte, the file that was coded.
    """
    digest = hashlib.sha256()
    for piece in original_bytes(image, cancel):
        digest.update(piece)
    _compare(image, digest.hexdigest())


def write_original(
    path: Path, image: CodedImage, *, replace: bool = True, cancel: CancelToken = NEVER
) -> Path:
    """Write the source file as it was, or nothing.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ArchiveError
        When it was not kept, does not come out with its SHA-256, or cannot be written.
    """
    digest = hashlib.sha256()
    with new_file(path, replace=replace) as pending:
        for piece in original_bytes(image, cancel):
            digest.update(piece)
            pending.stream.write(piece)
        _compare(image, digest.hexdigest())
    return pending.target


def _compare(image: CodedImage, found: str) -> None:
    if found != image.source.sha256:
        raise ArchiveError(
            f"{image.label()}: the original file does not come back byte for byte; the archive "
            "is damaged."
        )


def _part_bytes(image: CodedImage, part: OriginalPart) -> bytes:
    if part.how == "header":
        return image.members.dicom_header()[part.start : part.start + part.size]
    if part.how == "verbatim":
        return image.members.original(part.data)
    if part.how == "deflate":
        return _inflated(image.members.original(part.data), part.size)
    layout = part.layout
    if layout is None or layout.frame_bytes != part.size:
        raise ArchiveError(f"{image.label()}: a frame of the original has no sensible layout.")
    rest = image.members.original(part.rest) if part.rest >= 0 else b""
    try:
        if part.coding == "payload":
            values = values_of(image.decode(part.frame).pixels, layout)
        elif part.coding in CODINGS:
            data = image.members.original(part.data)
            values = decode(part.coding, data, layout.shape, layout.dtype)
        else:
            raise ArchiveError(f"{image.label()}: a frame of the original has no known coding.")
        return join(values, _inflated(rest, part.size) if rest else b"", layout)
    except ValueError as error:
        raise ArchiveError(f"{image.label()}: a frame of the original is damaged.") from error


def _inflated(data: bytes, size: int) -> bytes:
    """Inflate to `size` bytes and not one more."""
    try:
        return zlib.decompressobj().decompress(data, size + 1)
    except zlib.error as error:
        raise ArchiveError("A deflated piece of the original file is damaged.") from error

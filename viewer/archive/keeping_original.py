"""A source file -> the pieces that give it back byte for byte, each as small as is exact."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.archive.codestreams import smallest
from viewer.archive.dicom_header import DicomHeader
from viewer.archive.native_words import NativeLayout, join, split, values_of
from viewer.archive.original import MAX_DEFLATED_BYTES, How, OriginalPart, expansion_of
from viewer.archive.source_file import SourceFile
from viewer.errors import ArchiveError
from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_file import open_dicom
from viewer.images.dicom_layout import BIG_ENDIAN, PixelLayout, read_layout
from viewer.images.faults import Unreadable
from viewer.images.opening import read_frame
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken

_WORTH = 0.95
"""Deflating must save this much to be preferred to the bytes as they are."""


@dataclass
class KeptOriginal:
    """The pieces of a source file and the members they need, in their order."""

    parts: list[OriginalPart] = field(default_factory=list)
    members: list[bytes] = field(default_factory=list)

    def header(self, start: int, size: int) -> None:
        """Take a run of bytes from the kept DICOM header."""
        if size:
            self.parts.append(OriginalPart("header", size, start=start))

    def verbatim(self, data: bytes, *, deflate: bool = False) -> None:
        """Keep bytes as they are, or deflated where that helps."""
        for at in range(0, len(data), MAX_DEFLATED_BYTES):
            piece = data[at : at + MAX_DEFLATED_BYTES]
            packed = zlib.compress(piece, 6) if deflate else piece
            small = len(packed) < _WORTH * len(piece)
            how: How = "deflate" if small else "verbatim"
            self.parts.append(
                OriginalPart(how, len(piece), data=self._put(packed if small else piece))
            )

    def native_frame(
        self, raw: bytes, layout: NativeLayout, stored: NDArray[np.integer] | None, frame: int
    ) -> None:
        """Keep a native frame in the smallest coding that gives it exactly.

        Parameters
        ----------
        stored : ndarray or None
            The frame's stored values where the image's own bitstream gives them without loss.
        """
        values, rest = split(raw, layout)
        packed_rest = zlib.compress(rest, 6) if rest else b""
        if (
            stored is not None
            and _same(stored, values, layout)
            and join(values, rest, layout) == raw
        ):
            self.parts.append(
                OriginalPart(
                    "pixels",
                    len(raw),
                    rest=self._put(packed_rest) if rest else -1,
                    coding="payload",
                    frame=frame,
                    layout=layout,
                )
            )
            return
        best = smallest(values, layout.bits_stored)
        if best is None or len(best[1]) + len(packed_rest) >= len(raw):
            self.verbatim(raw, deflate=True)
            return
        if join(values, rest, layout) != raw:
            raise ArchiveError("A native frame could not be put together again.")
        data = self._put(best[1])
        self.parts.append(
            OriginalPart(
                "pixels",
                len(raw),
                data=data,
                rest=self._put(packed_rest) if rest else -1,
                coding=best[0],
                layout=layout,
            )
        )

    def weigh(self) -> None:
        """Note with every part the bytes of its members."""
        self.parts = [
            replace(
                part,
                kept=sum(len(self.members[n]) for n in (part.data, part.rest) if n >= 0),
            )
            for part in self.parts
        ]

    def _put(self, data: bytes) -> int:
        self.members.append(data)
        return len(self.members) - 1


def keep_original(
    header: Header, source: SourceFile, *, lossless: bool, cancel: CancelToken = NEVER
) -> KeptOriginal:
    """Part a source file into pieces that restore it byte for byte.

    Compressed frames and raster files stay as they are; native frames are coded by the smallest
    of JPEG-LS, HTJ2K and lossless JPEG 2000, with the bits of their words that are no pixel
    beside; all else of a DICOM file is in its kept header.

    Parameters
    ----------
    lossless : bool
        Whether the image's own bitstreams give every stored value on every device: then native
        frames are not coded twice.

    Raises
    ------
    ArchiveError, ImageError
        When the file cannot be read.
    Cancelled
    """
    kept = KeptOriginal()
    attributes = source.header
    if attributes is None or attributes.deflated:
        kept.verbatim(_read(source.path, 0, source.size))
        kept.weigh()
        return kept
    start = attributes.cut_at - attributes.added
    end = source.size - (len(attributes.data) - attributes.cut_at)
    kept.header(attributes.added, start)
    _keep_element(kept, header, attributes, start, end, lossless, cancel)
    kept.header(attributes.cut_at, len(attributes.data) - attributes.cut_at)
    kept.weigh()
    if expansion_of(kept.parts, len(attributes.data)):
        # Readers take an archive for a bomb that makes so much of so little: huge and empty.
        kept = KeptOriginal()
        kept.verbatim(_read(source.path, 0, source.size))
        kept.weigh()
    return kept


def _keep_element(
    kept: KeptOriginal,
    header: Header,
    attributes: DicomHeader,
    start: int,
    end: int,
    lossless: bool,
    cancel: CancelToken,
) -> None:
    """Keep the pixel data element, which takes the bytes `start` to `end` of the file."""
    path = header.path
    with open_dicom(path) as file:
        assert file.pixels is not None
        value_at = file.pixels.offset
        try:
            layout = read_layout(file, Attributes(file.dataset), [])
        except Unreadable as fault:
            raise ArchiveError(f"{path.name}: {fault}.") from None
        if layout.fragments is not None:
            kept.verbatim(_read(path, start, end - start))
            return
        words = _native(layout)
        if words is None:
            kept.verbatim(_read(path, start, end - start), deflate=True)
            return
        kept.verbatim(_read(path, start, value_at - start))
        for frame in range(layout.frames):
            cancel.check()
            raw = _read(path, value_at + frame * words.frame_bytes, words.frame_bytes)
            stored = read_frame(header, frame).pixels if lossless else None
            kept.native_frame(raw, words, stored, frame)
        after = value_at + layout.frames * words.frame_bytes
        kept.verbatim(_read(path, after, end - after), deflate=True)


def _native(layout: PixelLayout) -> NativeLayout | None:
    """Return the layout of native words, None where they are none of 8 or 16 bits."""
    if layout.bits_allocated not in (8, 16) or layout.photometric == "YBR_FULL_422":
        return None
    planes = layout.samples if layout.planar and layout.samples > 1 else 1
    if layout.rows * planes > 65535:
        return None
    return NativeLayout(
        rows=layout.rows * planes,
        columns=layout.columns,
        samples=layout.samples // planes,
        word_bytes=layout.bits_allocated // 8,
        bits_stored=layout.bits_stored,
        high_bit=layout.high_bit,
        signed=layout.signed,
        big_endian=layout.syntax == BIG_ENDIAN and layout.bits_allocated == 16,
    )


def _same(stored: NDArray[np.integer], values: NDArray[np.integer], layout: NativeLayout) -> bool:
    return stored.shape == layout.shape and np.array_equal(values_of(stored, layout), values)


def _read(path: Path, start: int, size: int) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            data = stream.read(size)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path.name} cannot be read: {reason}.") from error
    if len(data) != size:
        raise ArchiveError(f"{path.name} changed while it was coded; code it again.")
    return data

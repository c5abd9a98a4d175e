"""Encapsulated pixel data: where the fragments lie, and which stream they make a frame of."""

from __future__ import annotations

import itertools
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from viewer.images.codestream import read_codestream

_ITEM = 0xFFFEE000
_DELIMITER = 0xFFFEE0DD
_MOST_FRAGMENTS = 1 << 20

_SYNTAX_OF_KIND = {
    "JPEG lossless": "1.2.840.10008.1.2.4.57",
    "JPEG-LS": "1.2.840.10008.1.2.4.81",
    "JPEG 2000": "1.2.840.10008.1.2.4.91",
    "JPEG XL": "1.2.840.10008.1.2.4.112",
}
_STREAMS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
_SEAM = re.compile(rb"\xff\xd9[\x00\xff]{0,3}?(?=\xff\xd8\xff|\xff\x4f\xff\x51)")
"""Where one JPEG or JPEG 2000 stream ends and the next begins, padding between them."""
_MOST_SPLIT = 1 << 28
_MOST_LEADING = 64


@dataclass(frozen=True, slots=True)
class Fragments:
    """The items of an encapsulated pixel data element (PS3.5 A.4).

    Parameters
    ----------
    spans : tuple of (int, int)
        Offset in the file and length of each fragment, without the offset table.
    truncated : bool
        Whether the file ends inside an item.
    delimited : bool
        Whether the sequence ends with its delimiter, as it should.
    """

    spans: tuple[tuple[int, int], ...]
    truncated: bool
    delimited: bool

    @property
    def total(self) -> int:
        """Bytes of all fragments."""
        return sum(length for _, length in self.spans)


def read_fragments(stream: BinaryIO, offset: int) -> Fragments:
    """Walk the items from `offset`, reading only their headers."""
    end = stream.seek(0, 2)
    spans: list[tuple[int, int]] = []
    at, truncated, delimited = offset, False, False
    while at + 8 <= end and len(spans) <= _MOST_FRAGMENTS:
        stream.seek(at)
        group, element, length = struct.unpack("<HHI", stream.read(8))
        tag = group << 16 | element
        if tag != _ITEM:
            delimited = tag == _DELIMITER
            break
        if at + 8 + length > end:
            truncated = True
            length = end - at - 8
        spans.append((at + 8, length))
        at += 8 + length
    if spans and not _begins_a_stream(stream, spans[0]):
        del spans[0]  # the offset table, which some writers leave out
    return Fragments(tuple(spans), truncated, delimited)


def count_streams(stream: BinaryIO, fragments: Fragments) -> int:
    """Count the pictures in fragments of which some hold several, 0 where that is too much."""
    if fragments.total > _MOST_SPLIT:
        return 0
    return len(_SEAM.findall(_joined(stream, fragments.spans))) + 1


def read_encapsulated(
    stream: BinaryIO,
    offset: int,
    fragments: Fragments,
    frame: int,
    frames: int,
    extended: tuple[bytes, bytes] | None,
) -> bytes:
    """Return the compressed stream of one frame.

    Raises
    ------
    ValueError
        When the fragments hold no such frame.
    """
    spans = fragments.spans
    if frames == 1:
        # Every fragment belongs to the only frame, whatever an offset table says.
        return _joined(stream, spans)
    if len(spans) == frames:
        return _joined(stream, spans[frame : frame + 1])
    if len(spans) > frames:
        from pydicom.encaps import get_frame

        stream.seek(offset)
        try:
            return bytes(
                get_frame(stream, frame, number_of_frames=frames, extended_offsets=extended)
            )
        except Exception:
            # The offset table is missing or wrong.
            pass
    streams = _split(stream, fragments)
    if len(streams) < frames:
        raise ValueError("no such frame")
    return streams[frame]


def _joined(stream: BinaryIO, spans: tuple[tuple[int, int], ...]) -> bytes:
    parts = []
    for start, length in spans:
        stream.seek(start)
        parts.append(stream.read(length))
    return b"".join(parts)


def _split(stream: BinaryIO, fragments: Fragments) -> list[bytes]:
    """Cut all fragments, joined, where one picture ends and the next begins."""
    if fragments.total > _MOST_SPLIT:
        raise ValueError("too much to search")
    data = _joined(stream, fragments.spans)
    cuts = [0, *(seam.end() for seam in _SEAM.finditer(data)), len(data)]
    return [data[one:other] for one, other in itertools.pairwise(cuts)]


def _begins_a_stream(stream: BinaryIO, span: tuple[int, int]) -> bool:
    stream.seek(span[0])
    return stream.read(min(4, span[1])).startswith(_STREAMS)


def without_leading_zeros(data: bytes) -> bytes:
    """Cut off zeros that some writers leave before a JPEG or JPEG 2000 stream."""
    if data[:1] != b"\0":
        return data
    stripped = data[:_MOST_LEADING].lstrip(b"\0")
    begins = stripped.startswith(_STREAMS)
    return data[min(len(data), _MOST_LEADING) - len(stripped) :] if begins else data


def guess_syntax(start: bytes) -> str:
    """Return the transfer syntax that a fragment's first bytes speak of, "" when none."""
    found = read_codestream(start)
    if found is not None:
        if found.kind == "JPEG":
            baseline = found.precision == 8
            return "1.2.840.10008.1.2.4.50" if baseline else "1.2.840.10008.1.2.4.51"
        return _SYNTAX_OF_KIND[found.kind]
    if len(start) >= 64:
        segments, first = struct.unpack("<II", start[:8])
        if 1 <= segments <= 15 and first == 64:
            return "1.2.840.10008.1.2.5"
    return ""

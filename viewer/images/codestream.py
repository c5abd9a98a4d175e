"""What a compressed picture says of itself before a decoder is let near it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from viewer.images import jpeg_xl

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7}) - _NOT_FRAMES
_SEARCHED = 1 << 20


@dataclass(frozen=True, slots=True)
class Codestream:
    """Geometry and depth of a compressed picture.

    Parameters
    ----------
    kind : str
        "JPEG", "JPEG lossless", "JPEG-LS", "JPEG 2000", "JPEG XL".
    rows, columns, components, precision : int
        ``precision`` is that of the first component, in bits.
    signed : bool
        JPEG 2000 alone can say so.
    subsampled : bool
        Whether components differ in size.
    """

    kind: str
    rows: int
    columns: int
    components: int
    precision: int
    signed: bool = False
    subsampled: bool = False


def read_codestream(data: bytes) -> Codestream | None:
    """Tell what `data` is by its first markers, or None when it is no known stream.

    Parameters
    ----------
    data : bytes
        The stream from its start; a megabyte is enough.
    """
    try:
        if data[:2] == b"\xff\xd8":
            return _read_jpeg(data)
        if data[:4] == b"\xff\x4f\xff\x51":
            return _read_jpeg2000(data)
        if data[4:8] == b"jP  ":
            start = data.find(b"\xff\x4f\xff\x51", 0, _SEARCHED)
            return _read_jpeg2000(data[start:]) if start > 0 else None
        if data.startswith((jpeg_xl.STREAM, jpeg_xl.CONTAINER)):
            found = jpeg_xl.read_jpeg_xl(data[:_SEARCHED])
            if found is not None:
                shape = (found.rows, found.columns, found.channels, found.bits)
                return Codestream("JPEG XL", *shape)
    except (struct.error, IndexError):
        return None
    return None


def with_end(data: bytes) -> bytes:
    """Return a JPEG 2000 codestream with the end marker that its writer left out.

    Only where all tile-parts are there to the last byte by their own lengths (ITU-T T.800 A.4.2);
    what is truncated stays so.
    """
    if data[:4] != b"\xff\x4f\xff\x51" or b"\xff\xd9" in data[-4:]:
        return data
    at = 2
    try:
        while data[at : at + 2] != b"\xff\x90":
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
        while data[at : at + 2] == b"\xff\x90":
            length = struct.unpack_from(">I", data, at + 6)[0]
            if length < 14:
                return data
            at += length
    except struct.error:
        return data
    # One byte more pads a fragment to an even length.
    return data[:at] + b"\xff\xd9" if len(data) - 1 <= at <= len(data) else data


def _read_jpeg(data: bytes) -> Codestream | None:
    """Walk the marker segments up to the frame header (ITU-T T.81 B.2.2, T.87 C.2.2)."""
    at = 2
    while at < min(len(data), _SEARCHED):
        if data[at] != 0xFF:
            at += 1
            continue
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (0xD9, 0xDA):
            return None
        length = struct.unpack_from(">H", data, at + 2)[0]
        if marker in _FRAMES:
            precision, rows, columns, count = struct.unpack_from(">BHHB", data, at + 4)
            factors = {data[at + 11 + 3 * index] for index in range(count)}
            kind = {0xF7: "JPEG-LS", 0xC3: "JPEG lossless"}.get(marker, "JPEG")
            return Codestream(kind, rows, columns, count, precision, subsampled=len(factors) > 1)
        at += 2 + length
    return None


def _read_jpeg2000(data: bytes) -> Codestream:
    """Read the SIZ segment (ITU-T T.800 A.5.1)."""
    x1, y1, x0, y0 = struct.unpack_from(">IIII", data, 8)
    count = struct.unpack_from(">H", data, 40)[0]
    depths = data[42 : 42 + 3 * count : 3]
    steps = {data[43 + 3 * index : 45 + 3 * index] for index in range(min(count, 4))}
    dx, dy = data[43], data[44]
    return Codestream(
        "JPEG 2000",
        -(-y1 // dy) - -(-y0 // dy) if dy else 0,
        -(-x1 // dx) - -(-x0 // dx) if dx else 0,
        count,
        (depths[0] & 0x7F) + 1,
        signed=bool(depths[0] & 0x80),
        subsampled=len(steps) > 1,
    )

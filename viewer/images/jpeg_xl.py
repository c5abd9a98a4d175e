"""What a JPEG XL stream says of itself before a decoder is let near it (ISO/IEC 18181-1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
STREAM = b"\xff\x0a"

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZE_BITS = ((1, 9), (1, 13), (1, 18), (1, 30))
_DEPTHS = ((8, 0), (10, 0), (12, 0), (1, 6))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_EXTRAS = ((0, 0), (1, 0), (2, 4), (1, 12))
_SHIFTS = ((0, 0), (3, 0), (4, 0), (1, 3))
_NAMES = ((0, 0), (0, 4), (16, 5), (48, 10))
_GREY = 1
_ALPHA = 0


@dataclass(frozen=True, slots=True)
class JpegXl:
    """Geometry and depth of a JPEG XL picture as a decoder hands it out: upright.

    ``channels`` counts transparency. ``lossless`` is False where the colours were transformed
    to XYB, which only lossy coding does.
    """

    rows: int
    columns: int
    channels: int
    bits: int
    lossless: bool


class _Bits:
    """Reads numbers from the lowest bit up (18181-1 B.2)."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Return the next `count` bits.

        Raises
        ------
        ValueError
            At the end of the data.
        """
        if count > self._left:
            raise ValueError("the header is cut off")
        value = self._number & ((1 << count) - 1)
        self._number >>= count
        self._left -= count
        return value

    def choose(self, table: tuple[tuple[int, int], ...]) -> int:
        """Return a U32: two bits choose an offset and how many bits are added to it."""
        offset, count = table[self.take(2)]
        return offset + self.take(count)


def read_jpeg_xl(data: bytes) -> JpegXl | None:
    """Read the header of a stream or container; None where it is none or is not still grey or RGB.

    Parameters
    ----------
    data : bytes
        From the start; some kilobytes are enough.
    """
    stream = _stream(data)
    if stream[:2] != STREAM:
        return None
    try:
        return _header(_Bits(stream[2:514]))
    except ValueError:
        return None


def _stream(data: bytes) -> bytes:
    """Return the code stream of a container, or `data` itself (18181-2 9)."""
    if not data.startswith(CONTAINER):
        return data
    at = len(CONTAINER)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        header = 8
        if length == 1 and at + 16 <= len(data):
            length, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        if kind == b"jxlc":
            return data[at + header :]
        if kind == b"jxlp":
            return data[at + header + 4 :]
        if length < header:
            break
        at += length
    return b""


def _header(bits: _Bits) -> JpegXl:
    rows, columns = _size(bits)
    if bits.take(1):
        return JpegXl(rows, columns, 3, 8, lossless=False)
    orientation = 1
    if bits.take(1):
        orientation = bits.take(3) + 1
        if bits.take(1):
            _size(bits)
        if bits.take(1) or bits.take(1):
            raise ValueError("previews and animations are not read")
    depth = _depth(bits)
    bits.take(1)
    extra = bits.choose(_EXTRAS)
    if extra > 1:
        raise ValueError("more than transparency besides the colours")
    for _ in range(extra):
        _extra(bits)
    transformed = bits.take(1)
    grey = False
    if not bits.take(1):
        bits.take(1)
        grey = bits.choose(_ENUM) == _GREY
    if orientation > 4:
        rows, columns = columns, rows
    return JpegXl(rows, columns, (1 if grey else 3) + extra, depth, lossless=not transformed)


def _size(bits: _Bits) -> tuple[int, int]:
    """Read a SizeHeader: rows, columns."""
    small = bits.take(1)
    rows = 8 * (bits.take(5) + 1) if small else bits.choose(_SIZE_BITS)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return rows, rows * across // down
    return rows, 8 * (bits.take(5) + 1) if small else bits.choose(_SIZE_BITS)


def _depth(bits: _Bits) -> int:
    if bits.take(1):
        raise ValueError("floating-point samples are not read")
    return bits.choose(_DEPTHS)


def _extra(bits: _Bits) -> None:
    """Pass over the description of an extra channel, which must be transparency."""
    if bits.take(1):
        return
    if bits.choose(_ENUM) != _ALPHA:
        raise ValueError("an extra channel that is not transparency")
    _depth(bits)
    bits.choose(_SHIFTS)
    bits.take(8 * bits.choose(_NAMES))
    bits.take(1)

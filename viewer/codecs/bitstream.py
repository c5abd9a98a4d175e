"""The header of a learned codec's bitstream, and the check that nothing in it was altered.

All numbers are little-endian::

    offset  size  what
    0       4     magic, b"RVW1"
    4       16    codec name, ASCII, padded with zero bytes
    20      16    first half of the SHA-256 of the weights file
    36      4     rows
    40      4     columns
    44      1     bytes of a stored value: 1 or 2
    45      1     bits stored, 1 .. 16
    46      1     1 when stored values are signed, else 0
    47      1     rate: number of the setting, the codec's own
    48      4     lowest stored value (signed)
    52      4     highest stored value (signed)
    56      4     length of the payload in bytes
    60      4     CRC-32 of bytes 0 .. 59 and of the payload
    64            payload
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from viewer.errors import CodecError

MAGIC = b"RVW1"

LARGEST_SIDE = 1 << 16
LARGEST_AREA = 1 << 28
"""Pixels beyond which a header is not believed."""

_FIELDS = struct.Struct("<4s16s16sIIBBBBiiI")
_CHECK = struct.Struct("<I")
HEADER_BYTES = _FIELDS.size + _CHECK.size


@dataclass(frozen=True, slots=True)
class BitstreamHeader:
    """What a bitstream says of the picture in it.

    Parameters
    ----------
    codec : str
        Name in the registry, at most 16 ASCII characters.
    model : bytes
        First 16 bytes of the SHA-256 of the weights file.
    rows, columns : int
        Of the picture, 1 .. 65536 each.
    item_bytes : int
        Bytes of a stored value, 1 or 2.
    bits_stored : int
        1 .. 8 * item_bytes.
    signed : bool
    rate : int
        Number of the setting, 0 .. 255.
    lowest, highest : int
        Range of the stored values.
    """

    codec: str
    model: bytes
    rows: int
    columns: int
    item_bytes: int
    bits_stored: int
    signed: bool
    rate: int
    lowest: int
    highest: int


def pack(header: BitstreamHeader, payload: bytes) -> bytes:
    """Return header, check and payload as one bitstream.

    Raises
    ------
    CodecError
        When the picture's sides are beyond what the header can say.
    """
    _check(header)
    fields = _FIELDS.pack(
        MAGIC,
        header.codec.encode("ascii").ljust(16, b"\0"),
        header.model,
        header.rows,
        header.columns,
        header.item_bytes,
        header.bits_stored,
        header.signed,
        header.rate,
        header.lowest,
        header.highest,
        len(payload),
    )
    return fields + _CHECK.pack(zlib.crc32(payload, zlib.crc32(fields))) + payload


def belongs_to(data: bytes, codec: str) -> bool:
    """Whether `data` starts like a bitstream of that codec."""
    return data[:20] == MAGIC + codec.encode("ascii").ljust(16, b"\0")


def unpack(data: bytes, codec: str) -> tuple[BitstreamHeader, bytes]:
    """Return the checked header and the payload.

    Raises
    ------
    CodecError
        When the bytes are of something else, truncated, altered, or describe an impossible picture.
    """
    if not belongs_to(data, codec):
        raise CodecError(f"These bytes are not a {codec} bitstream.")
    if len(data) < HEADER_BYTES:
        raise CodecError(f"The {codec} bitstream is truncated: it ends inside its header.")
    (_, _, model, rows, columns, item_bytes, bits, signed, rate, lowest, highest, length) = (
        _FIELDS.unpack_from(data)
    )
    payload = data[HEADER_BYTES:]
    if len(payload) < length:
        raise CodecError(
            f"The {codec} bitstream is truncated: {len(payload)} of {length} bytes are there."
        )
    if len(payload) > length:
        raise CodecError(f"The {codec} bitstream has {len(payload) - length} bytes too many.")
    (expected,) = _CHECK.unpack_from(data, _FIELDS.size)
    if zlib.crc32(payload, zlib.crc32(data[: _FIELDS.size])) != expected:
        raise CodecError(f"The {codec} bitstream was altered: its checksum does not match.")
    if signed > 1:
        raise CodecError(f"The {codec} bitstream has an impossible header.")
    header = BitstreamHeader(
        codec, model, rows, columns, item_bytes, bits, bool(signed), rate, lowest, highest
    )
    _check(header)
    return header, payload


def _check(header: BitstreamHeader) -> None:
    """Refuse what no encoder writes, before anything is allocated for it."""
    rows, columns = header.rows, header.columns
    if not (1 <= rows <= LARGEST_SIDE and 1 <= columns <= LARGEST_SIDE):
        raise CodecError(f"{header.codec} cannot hold a picture of {columns} x {rows} pixels.")
    if rows * columns > LARGEST_AREA:
        raise CodecError(f"{header.codec} cannot hold a picture of {columns} x {rows} pixels.")
    limits = -(1 << (header.bits_stored - 1)) if header.signed and header.bits_stored else 0
    top = limits + (1 << header.bits_stored) - 1 if header.bits_stored <= 16 else -1
    if (
        header.item_bytes not in (1, 2)
        or not 1 <= header.bits_stored <= 8 * header.item_bytes
        or not limits <= header.lowest <= header.highest <= top
        or len(header.model) != 16
        or not 0 <= header.rate <= 255
    ):
        raise CodecError(f"The {header.codec} bitstream has an impossible header.")

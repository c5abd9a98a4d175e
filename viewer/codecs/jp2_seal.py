"""The JP2 file around a JPEG 2000 codestream: its geometry, and a seal that shows any change.

OpenJPEG fills up a truncated codestream with grey and says nothing. A `uuid` box (ISO/IEC 15444-1
Annex I.7.2), which every reader passes over, therefore carries the length and the CRC-32 of the
whole file, and the array type the pixels came in. docs/BITSTREAM_JPEG2000.md has the layout.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.errors import CodecError

SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
SEAL_UUID = bytes.fromhex("6f1d0b9c2a3e4c57b8e4915a7d30c62f")
ARRAY_TYPES = {1: "uint8", 2: "uint16", 3: "int16"}

_VERSION = 1
_SEAL = struct.Struct(">I4s16sBBHII")
SEAL_BYTES = _SEAL.size
_CRC_OFFSET = SEAL_BYTES - 4
_SIZ = struct.Struct(">HHHHIIIIIIIIH")

MOST_SAMPLES = 1 << 28
"""Samples of the largest picture that is coded or decoded: one GiB in OpenJPEG's buffers."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """What the SIZ marker of a codestream says (ISO/IEC 15444-1 Annex A.5.1).

    Parameters
    ----------
    rows, columns, samples : int
    bits : int
        Precision of every component, 1..16.
    signed : bool
    """

    rows: int
    columns: int
    samples: int
    bits: int
    signed: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the decoded array."""
        plane = (self.rows, self.columns)
        return plane if self.samples == 1 else (*plane, self.samples)


def seal(jp2: bytes, array_type: str) -> bytes:
    """Put the seal before the codestream of a JP2 file.

    Parameters
    ----------
    jp2 : bytes
        A complete JP2 file as OpenJPEG writes it.
    array_type : str
        "uint8", "uint16" or "int16".
    """
    start = next(offset for offset, kind, _ in _boxes(jp2) if kind == b"jp2c")
    code = next(code for code, name in ARRAY_TYPES.items() if name == array_type)
    length = len(jp2) + SEAL_BYTES
    blank = _SEAL.pack(SEAL_BYTES, b"uuid", SEAL_UUID, _VERSION, code, 0, length, 0)
    check = zlib.crc32(jp2[start:], zlib.crc32(jp2[:start] + blank))
    return jp2[:start] + blank[:_CRC_OFFSET] + struct.pack(">I", check) + jp2[start:]


def unseal(data: bytes) -> tuple[Geometry, str]:
    """Check the seal and return the geometry and the array type.

    Raises
    ------
    CodecError
        When the bytes are foreign, truncated or altered, or when the picture they announce is
        outside what is decoded here.
    """
    if not data.startswith(SIGNATURE):
        raise CodecError("These bytes are not a JP2 file.")
    seal_at = codestream_at = -1
    for offset, kind, start in _boxes(data):
        if kind == b"uuid" and data[start : start + 16] == SEAL_UUID:
            seal_at = offset
        elif kind == b"jp2c":
            codestream_at = start
            break
    if seal_at < 0 or len(data) < seal_at + SEAL_BYTES:
        raise CodecError(
            "This JP2 file carries no seal of Radiograph Viewer: it is foreign or damaged."
        )
    _, _, _, version, code, _, length, check = _SEAL.unpack_from(data, seal_at)
    if len(data) < length:
        raise CodecError(f"The JPEG 2000 bitstream ends after {len(data)} of {length} bytes.")
    at = seal_at + _CRC_OFFSET
    view = memoryview(data)
    computed = zlib.crc32(view[at + 4 :], zlib.crc32(bytes(4), zlib.crc32(view[:at])))
    if len(data) != length or computed != check:
        raise CodecError("The JPEG 2000 bitstream was altered: its checksum does not match.")
    if version != _VERSION or code not in ARRAY_TYPES or codestream_at < 0:
        raise CodecError(f"The JPEG 2000 bitstream has a seal of the unknown version {version}.")
    return read_geometry(data, codestream_at), ARRAY_TYPES[code]


def read_geometry(data: bytes, start: int = 0) -> Geometry:
    """Read the SIZ marker of the codestream at `start`.

    Raises
    ------
    CodecError
        When there is none, or it announces a picture this codec does not write: more than 16
        bits, sub-sampled or unlike components, several tiles, or more than `MOST_SAMPLES`.
    """
    if len(data) < start + _SIZ.size:
        raise CodecError("The JPEG 2000 codestream ends inside its header.")
    (
        soc,
        siz,
        _,
        _,
        width,
        height,
        left,
        top,
        tile_width,
        tile_height,
        tile_left,
        tile_top,
        count,
    ) = _SIZ.unpack_from(data, start)
    if soc != 0xFF4F or siz != 0xFF51:
        raise CodecError("The JPEG 2000 codestream does not start with its size.")
    components = data[start + _SIZ.size : start + _SIZ.size + 3 * count]
    if count not in (1, 3) or len(components) < 3 * count:
        raise CodecError(f"A JPEG 2000 codestream of {count} components is not decoded here.")
    depth = components[0]
    if components != bytes((depth, 1, 1)) * count or (depth & 0x7F) > 15:
        raise CodecError("The JPEG 2000 components differ, are sub-sampled or exceed 16 bits.")
    one_tile = tile_width >= width and tile_height >= height
    if left or top or tile_left or tile_top or not one_tile:
        raise CodecError("A JPEG 2000 codestream with an offset or several tiles is not decoded.")
    if not (width and height) or width * height * count > MOST_SAMPLES:
        raise CodecError(f"A JPEG 2000 picture of {width} x {height} is outside what is decoded.")
    return Geometry(height, width, count, (depth & 0x7F) + 1, bool(depth & 0x80))


def codestream(data: bytes) -> bytes:
    """Return the bare codestream of a sealed JP2 file, checked, as DICOM holds it.

    Raises
    ------
    CodecError
        When the bytes are foreign, truncated or altered.
    """
    unseal(data)
    for offset, kind, start in _boxes(data):
        if kind == b"jp2c":
            length = struct.unpack_from(">I", data, offset)[0]
            return data[start : offset + length if length > 1 else len(data)]
    raise CodecError("This JP2 file has no codestream.")


def reversible_wavelet(stream: bytes) -> bool:
    """Whether a codestream uses the 5-3 wavelet (ISO/IEC 15444-1 Annex A.6.1, SPcod)."""
    at = 2
    while at + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, at)
        if marker == 0xFF52:
            return bool(stream[at + 13] == 1)
        at += 2 + length
    raise CodecError("The JPEG 2000 codestream does not say how it is coded.")


def _boxes(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Give (offset, kind, start of content) of the boxes of a JP2 file, in order.

    Ends at the first box that does not fit; a length of 0 means to the end of the file (Annex I.4).
    """
    offset = 0
    while offset + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        start = offset + 8
        if length == 1 and offset + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, start)
            start += 8
        elif length == 0:
            length = len(data) - offset
        if length < start - offset:
            return
        yield offset, kind, start
        offset += length

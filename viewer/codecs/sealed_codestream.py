"""A standard codestream behind a header that says what it gives and shows any change.

All numbers are little-endian::

    offset  size  what
    0       4     magic of the codec
    4       1     version, 1
    5       1     bits stored, 1 .. 16
    6       1     bit 0: signed pixels
    7       1     array type: 0 uint8, 1 int8, 2 uint16, 3 int16
    8       4     rows, 1 .. 65536
    12      4     columns, 1 .. 65536
    16      1     samples, 1 or 3
    17      1     0
    18      2     the largest error of a pixel
    20      4     length of the codestream in bytes
    24      4     CRC-32 of the codestream
    28      4     CRC-32 of bytes 0 .. 27
    32            the codestream, of stored values less the smallest of their format
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.errors import CodecError
from viewer.images.codestream import read_codestream
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels

VERSION = 1
TYPES = ("uint8", "int8", "uint16", "int16")
MOST_SAMPLES = 1 << 28
MAX_SIDE = 1 << 16

_FIELDS = struct.Struct("<4s4B2I2BH2I")
_CHECK = struct.Struct("<I")
_SIZE = _FIELDS.size + _CHECK.size


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the header says, and the codestream.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns), or (rows, columns, 3).
    pixel_format : PixelFormat
    type_name : str
        Of the array.
    bound : int
        The largest error of a pixel.
    codestream : bytes
    """

    shape: tuple[int, ...]
    pixel_format: PixelFormat
    type_name: str
    bound: int
    codestream: bytes


def checked_values(
    pixels: StoredPixels, pixel_format: PixelFormat, title: str
) -> NDArray[np.unsignedinteger]:  # type: ignore[type-arg]
    """Pixels less the smallest value of their format, in the smallest type that holds them.

    Raises
    ------
    CodecError
        For what such a bitstream cannot hold.
    """
    bits = pixel_format.bits_stored
    if not 1 <= bits <= 16 or pixels.dtype.name not in TYPES:
        raise CodecError(f"{title} codes 1 to 16 bits here, not {bits} in {pixels.dtype}.")
    colour = pixels.ndim == 3 and pixels.shape[2] == 3
    if not (pixels.ndim == 2 or colour) or pixels.size == 0:
        raise CodecError(f"An array of shape {pixels.shape} is not a picture {title} can code.")
    if pixels.size > MOST_SAMPLES or max(pixels.shape) > MAX_SIDE:
        raise CodecError(f"A picture of {pixels.size} samples is more than is coded at once.")
    values = pixels.astype(np.int32) - pixel_format.minimum
    if values.min() < 0 or values.max() > pixel_format.peak:
        raise CodecError(f"The pixels reach beyond {bits} stored bits.")
    return np.ascontiguousarray(values, np.uint8 if bits <= 8 else np.uint16)


def pixels_of(values: NDArray[np.generic], sealed: Sealed) -> StoredPixels:
    """Undo `checked_values`.

    Raises
    ------
    CodecError
        When a value is beyond the stored bits.
    """
    wide = values.astype(np.int32)
    if wide.max() > sealed.pixel_format.peak:
        raise CodecError("The coded image is damaged: a value is beyond its stored bits.")
    return (wide + sealed.pixel_format.minimum).astype(sealed.type_name)


def seal(
    magic: bytes, pixels: StoredPixels, pixel_format: PixelFormat, bound: int, codestream: bytes
) -> bytes:
    """Put the header before a codestream of `pixels`."""
    head = _FIELDS.pack(
        magic,
        VERSION,
        pixel_format.bits_stored,
        int(pixel_format.signed),
        TYPES.index(pixels.dtype.name),
        pixels.shape[0],
        pixels.shape[1],
        pixels.shape[2] if pixels.ndim == 3 else 1,
        0,
        bound,
        len(codestream),
        zlib.crc32(codestream),
    )
    return head + _CHECK.pack(zlib.crc32(head)) + codestream


def unseal(data: bytes, magic: bytes, title: str, kind: str) -> Sealed:
    """Check everything that can be checked before anything is decoded.

    Parameters
    ----------
    magic : bytes
    title : str
        Of the codec, for sentences.
    kind : str
        What `viewer.images.codestream` calls the codestream.

    Raises
    ------
    CodecError
        Foreign, of a later version, truncated or altered.
    """
    if data[: len(magic)] != magic:
        raise CodecError(f"This is not a bitstream of {title}.")
    if len(data) < _SIZE:
        raise CodecError(f"The bitstream of {title} is truncated: its header is incomplete.")
    (_, version, bits, sign, kept, rows, columns, samples, spare, bound, length, check) = (
        _FIELDS.unpack_from(data)
    )
    if version != VERSION:
        raise CodecError(
            f"The bitstream of {title} is of version {version}; this program reads version "
            f"{VERSION}. Use a newer one."
        )
    if _CHECK.unpack_from(data, _FIELDS.size)[0] != zlib.crc32(data[: _FIELDS.size]):
        raise CodecError(f"The header of this bitstream of {title} was altered.")
    if (
        not 1 <= bits <= 16
        or sign > 1
        or kept >= len(TYPES)
        or samples not in (1, 3)
        or spare
        or not (1 <= rows <= MAX_SIDE and 1 <= columns <= MAX_SIDE)
        or rows * columns * samples > MOST_SAMPLES
    ):
        raise CodecError(f"The header of this bitstream of {title} is impossible.")
    codestream = data[_SIZE:]
    if len(codestream) != length:
        raise CodecError(f"The bitstream of {title} is truncated, or something was added to it.")
    if zlib.crc32(codestream) != check:
        raise CodecError(f"The bitstream of {title} was altered.")
    found = read_codestream(codestream)
    if found is None or (found.kind, found.rows, found.columns, found.components) != (
        kind,
        rows,
        columns,
        samples,
    ):
        raise CodecError(f"The bitstream of {title} holds another picture than it announces.")
    shape = (rows, columns) if samples == 1 else (rows, columns, samples)
    return Sealed(shape, PixelFormat(bits, bool(sign)), TYPES[kept], bound, codestream)

"""The layer's bytes: header, table of tiles, checksums (docs/BITSTREAM_RESIDUAL.md)."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual import ranks
from viewer.codecs.residual.layout import MAX_TILE, MIN_TILE, TILE, UNIT, Tile, tiles
from viewer.codecs.residual.prediction import Range
from viewer.codecs.residual.tile_coding import decode_tile, encode_tile
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

MAGIC = b"RVXL"
VERSION = 1
MOST_ERROR = 1 << 12
"""Levels beyond which a bound says nothing."""

_FIXED = struct.Struct("<4sBBHHI")
_ENTRY = struct.Struct("<III")
_CRC = struct.Struct("<I")
_RANKS = 1


@dataclass(frozen=True)
class Header:
    """What a layer says before its tiles.

    Parameters
    ----------
    bound : int
        The largest error; 0 for exact pixels.
    tile : int
        Largest side of a tile.
    used : ndarray of int32 or None
        Stored values that are told apart, where their ranks are coded.
    """

    bound: int
    tile: int
    used: NDArray[np.int32] | None


@dataclass(frozen=True)
class _CodedTile:
    data: bytes
    values_crc: int


def encode(
    pixels: StoredPixels,
    picture: NDArray[np.int32],
    pixel_format: PixelFormat,
    bound: int,
    *,
    tile: int = 0,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> bytes:
    """Return the layer that makes a picture exact, or right within a bound.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
        Stored values.
    picture : ndarray of int32, same shape
        Decoded values in 1/64, the same on every machine.
    bound : int
        Largest error, 0 .. `MOST_ERROR`.
    tile : int
        Wished side of a tile, 0 for no wish.

    Raises
    ------
    CodecError
        For a bound or pixels beyond what can be coded.
    Cancelled
    """
    if not 0 <= bound <= MOST_ERROR:
        raise CodecError(f"A largest error of {bound} levels cannot be asked for.")
    low, high = pixel_format.minimum, pixel_format.minimum + pixel_format.peak
    values = pixels.astype(np.int32)
    if values.min() < low or values.max() > high:
        raise CodecError(
            f"The pixels reach beyond {pixel_format.bits_stored} stored bits; "
            "they cannot be coded within a bound."
        )
    side = int(np.clip((tile or TILE) // UNIT * UNIT, MIN_TILE, MAX_TILE))
    used = ranks.worth_it(values, bound)
    header = Header(bound, side, used)
    within = _range(header, pixel_format)
    if used is not None:
        values, picture = ranks.to_ranks(values, used), ranks.picture_to_ranks(picture, used)
    layout = tiles(pixels.shape[0], pixels.shape[1], side)
    coded = []
    for number, at in enumerate(layout):
        cancel.check()
        progress(number / len(layout), f"residuals, tile {number + 1}/{len(layout)}")
        data, given = encode_tile(values[at.place], _bounded(picture, at, within), within)
        coded.append(_CodedTile(data, _values_crc(given)))
    progress(1.0, "residuals")
    return _pack(header, coded, pixel_format)


def decode(
    data: bytes,
    picture: NDArray[np.int32],
    pixel_format: PixelFormat,
    type_name: str,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> StoredPixels:
    """Return stored values: exact, or within the layer's bound.

    Parameters
    ----------
    data : bytes
        The layer.
    picture : ndarray of int32, shape (rows, columns)
        Decoded values in 1/64.
    type_name : str
        Of the array to return.

    Raises
    ------
    CodecError
        Foreign, of a later version, truncated or altered; or the picture is not the one the
        layer was made for.
    Cancelled
    """
    header, coded = unpack(data, picture.shape[0], picture.shape[1], pixel_format)
    within = _range(header, pixel_format)
    if header.used is not None:
        picture = ranks.picture_to_ranks(picture, header.used)
    layout = tiles(picture.shape[0], picture.shape[1], header.tile)
    values = np.empty(picture.shape, np.int32)
    for number, (at, part) in enumerate(zip(layout, coded, strict=True)):
        cancel.check()
        progress(number / len(layout), f"residuals, tile {number + 1}/{len(layout)}")
        given = decode_tile(part.data, _bounded(picture, at, within), within)
        if _values_crc(given) != part.values_crc:
            raise CodecError(
                f"The exact part of the coded image is damaged: tile {number + 1} of "
                f"{len(layout)} does not give the values it should."
            )
        values[at.place] = given
    if header.used is not None:
        values = header.used[values]
    progress(1.0, "residuals")
    return values.astype(type_name)


def bound_of(data: bytes) -> int:
    """The largest error a layer leaves, from its first bytes.

    Raises
    ------
    CodecError
        When these are not the first bytes of a layer.
    """
    return _fixed(data)[1]


def _fixed(data: bytes) -> tuple[int, int, int, int]:
    if len(data) < _FIXED.size:
        raise CodecError("The coded image is truncated: the part that makes it exact is missing.")
    magic, version, flags, bound, units, length = _FIXED.unpack_from(data)
    if magic != MAGIC:
        raise CodecError("What follows the coded image is not the part that makes it exact.")
    if version != VERSION:
        raise CodecError(
            f"The exact part of the coded image is of version {version}; this program reads "
            f"version {VERSION}. Use a newer one."
        )
    tile = units * UNIT
    if flags & ~_RANKS or bound > MOST_ERROR or not MIN_TILE <= tile <= MAX_TILE:
        raise CodecError("The exact part of the coded image is damaged: its header is impossible.")
    if bool(flags & _RANKS) != bool(length):
        raise CodecError("The exact part of the coded image is damaged: its header is impossible.")
    return flags, bound, tile, length


def unpack(
    data: bytes, rows: int, columns: int, pixel_format: PixelFormat
) -> tuple[Header, list[_CodedTile]]:
    """Read and check everything but the tiles' symbols.

    Raises
    ------
    CodecError
        See `decode`. Nothing larger than ``data`` and the list of values is allocated.
    """
    flags, bound, tile, length = _fixed(data)
    count = len(tiles(rows, columns, tile))
    at = _FIXED.size + length
    if len(data) < at + count * _ENTRY.size + _CRC.size:
        raise CodecError("The coded image is truncated: its exact part is incomplete.")
    entries = [_ENTRY.unpack_from(data, at + i * _ENTRY.size) for i in range(count)]
    at += count * _ENTRY.size
    if _CRC.unpack_from(data, at)[0] != zlib.crc32(data[:at]):
        raise CodecError(
            "The exact part of the coded image is damaged: its header does not match its checksum."
        )
    used = None
    if flags & _RANKS:
        listed = data[_FIXED.size : _FIXED.size + length]
        used = ranks.unpack(listed, pixel_format.minimum, pixel_format.peak + 1)
    at += _CRC.size
    if len(data) != at + sum(size for size, _, _ in entries):
        raise CodecError(
            "The coded image is truncated in its exact part, or something was added to it."
        )
    coded = []
    for number, (size, checksum, values_crc) in enumerate(entries):
        part = data[at : at + size]
        if zlib.crc32(part) != checksum:
            raise CodecError(
                f"The exact part of the coded image is damaged: tile {number + 1} of {count} does "
                "not match its checksum."
            )
        coded.append(_CodedTile(part, values_crc))
        at += size
    return Header(bound, tile, used), coded


def _pack(header: Header, coded: list[_CodedTile], pixel_format: PixelFormat) -> bytes:
    listed = b""
    if header.used is not None:
        listed = ranks.pack(header.used, pixel_format.minimum, pixel_format.peak + 1)
    flags = 0 if header.used is None else _RANKS
    units = header.tile // UNIT
    head = _FIXED.pack(MAGIC, VERSION, flags, header.bound, units, len(listed)) + listed
    head += b"".join(_ENTRY.pack(len(t.data), zlib.crc32(t.data), t.values_crc) for t in coded)
    return b"".join([head, _CRC.pack(zlib.crc32(head)), *(tile.data for tile in coded)])


def _range(header: Header, pixel_format: PixelFormat) -> Range:
    if header.used is not None:
        return Range(0, header.used.size - 1)
    low = pixel_format.minimum
    return Range(low, low + pixel_format.peak, 2 * header.bound + 1)


def _bounded(picture: NDArray[np.int32], at: Tile, within: Range) -> NDArray[np.int32]:
    return np.clip(picture[at.place], within.low << 6, within.high << 6)


def _values_crc(values: NDArray[np.int32]) -> int:
    return zlib.crc32(np.ascontiguousarray(values, "<i4").data)

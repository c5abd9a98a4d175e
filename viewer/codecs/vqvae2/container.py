"""The bitstream around the tiles: header, tile table, checksums (docs/BITSTREAM_VQVAE2.md)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.codecs.vqvae2.edges import NONE, Gains
from viewer.codecs.vqvae2.layout import MAX_TILE, MIN_TILE, UNIT, tiles
from viewer.codecs.vqvae2.steps import INDICES
from viewer.errors import CodecError

MAGIC = b"RVQ2"
VERSIONS = (1, 2, 3)
"""1: one quantiser; 2: two, see `viewer.codecs.vqvae2.trellis`; 3: fine levels in blocks, see
`viewer.codecs.vqvae2.active`."""
MAX_SIDE = 1 << 16
MAX_PIXELS = 1 << 27
TYPES = ("uint8", "int8", "uint16", "int16")
STRENGTH_STEPS = 16
MAX_STRENGTH = 2 * STRENGTH_STEPS

_FIXED = struct.Struct("<4sBBBBIIHH8s")
_GAINS = struct.Struct(f"<{len(NONE)}H")
_ENTRY = struct.Struct("<IIB")
_CRC = struct.Struct("<I")
_HAS_GAINS, _SIGNED, _LAYERED = 1, 2, 4


@dataclass(frozen=True)
class Header:
    """What a bitstream says before its tiles.

    Parameters
    ----------
    rows, columns : int
    type_name : str
        One of `TYPES`: the array's type.
    bits_stored : int
    signed : bool
    step_index : int
    tile : int
        Largest side of a tile, pixels.
    model : bytes
        First 8 bytes of the weights' SHA-256.
    gains : tuple of int
        See `viewer.codecs.vqvae2.edges`.
    version : int
        One of `VERSIONS`; the model decides.
    layered : bool
        Whether a layer follows that makes the picture exact; see `viewer.codecs.residual`.
    """

    rows: int
    columns: int
    type_name: str
    bits_stored: int
    signed: bool
    step_index: int
    tile: int
    model: bytes
    gains: Gains = NONE
    version: int = VERSIONS[0]
    layered: bool = False


@dataclass(frozen=True)
class CodedTile:
    """One tile's bytes and how strongly the restoration filter acts on it, in sixteenths."""

    data: bytes
    strength: int = 0


def pack(header: Header, coded: Sequence[CodedTile]) -> bytes:
    """The whole bitstream."""
    plain = header.gains == NONE
    flags = (0 if plain else _HAS_GAINS) | (_SIGNED if header.signed else 0)
    flags |= _LAYERED if header.layered else 0
    parts = [
        _FIXED.pack(
            MAGIC,
            header.version,
            flags,
            header.bits_stored,
            TYPES.index(header.type_name),
            header.rows,
            header.columns,
            header.step_index,
            header.tile // UNIT,
            header.model,
        ),
        b"" if plain else _GAINS.pack(*header.gains),
        *(_ENTRY.pack(len(t.data), zlib.crc32(t.data), t.strength) for t in coded),
    ]
    head = b"".join(parts)
    return b"".join([head, _CRC.pack(zlib.crc32(head)), *(t.data for t in coded)])


def layer_start(header: Header, coded: Sequence[CodedTile]) -> int:
    """Where the layer begins that follows the tiles."""
    return overhead(header) + sum(len(tile.data) for tile in coded)


def overhead(header: Header) -> int:
    """Bytes of the bitstream that are not tile data."""
    count = len(tiles(header.rows, header.columns, header.tile))
    gains = 0 if header.gains == NONE else _GAINS.size
    return _FIXED.size + gains + count * _ENTRY.size + _CRC.size


def looks_like(data: bytes) -> bool:
    """Whether the magic is there."""
    return data[: len(MAGIC)] == MAGIC


def unpack(data: bytes) -> tuple[Header, list[CodedTile]]:
    """Read and check everything but the tiles' codes.

    Raises
    ------
    CodecError
        Foreign, of a later version, truncated or altered. Nothing larger than ``data`` is
        allocated.
    """
    if not looks_like(data):
        raise CodecError("This is not a vqvae2 bitstream.")
    if len(data) < _FIXED.size:
        raise CodecError("The coded image is truncated: its header is incomplete.")
    _, version, flags, bits, kind, rows, columns, index, units, digest = _FIXED.unpack_from(data)
    if version not in VERSIONS:
        raise CodecError(
            f"The coded image is of vqvae2 bitstream version {version}; "
            f"this program reads versions {VERSIONS[0]} to {VERSIONS[-1]}. Use a newer one."
        )
    tile = units * UNIT
    if (
        not (1 <= rows <= MAX_SIDE and 1 <= columns <= MAX_SIDE and rows * columns <= MAX_PIXELS)
        or not MIN_TILE <= tile <= MAX_TILE
        or index >= INDICES
        or kind >= len(TYPES)
        or not 1 <= bits <= 16
        or flags & ~(_HAS_GAINS | _SIGNED | _LAYERED)
    ):
        raise CodecError("The coded image is damaged: its header states impossible values.")
    at = _FIXED.size
    gains = NONE
    if flags & _HAS_GAINS:
        if len(data) < at + _GAINS.size:
            raise CodecError("The coded image is truncated: its header is incomplete.")
        gains = _GAINS.unpack_from(data, at)
        at += _GAINS.size
    count = len(tiles(rows, columns, tile))
    if len(data) < at + count * _ENTRY.size + _CRC.size:
        raise CodecError("The coded image is truncated: its list of tiles is incomplete.")
    entries = [_ENTRY.unpack_from(data, at + i * _ENTRY.size) for i in range(count)]
    at += count * _ENTRY.size
    if _CRC.unpack_from(data, at)[0] != zlib.crc32(data[:at]):
        raise CodecError("The coded image is damaged: its header does not match its checksum.")
    at += _CRC.size
    if 0 in gains or any(strength > MAX_STRENGTH for _, _, strength in entries):
        raise CodecError("The coded image is damaged: its header states impossible values.")
    layered = bool(flags & _LAYERED)
    end = at + sum(size for size, _, _ in entries)
    if len(data) < end or (len(data) > end and not layered):
        raise CodecError("The coded image is truncated, or something was added to it.")
    coded = []
    for number, (size, checksum, strength) in enumerate(entries):
        part = data[at : at + size]
        if zlib.crc32(part) != checksum:
            raise CodecError(
                f"The coded image is damaged: tile {number + 1} of {count} does not match its "
                "checksum."
            )
        coded.append(CodedTile(part, strength))
        at += size
    signed = bool(flags & _SIGNED)
    header = Header(
        rows, columns, TYPES[kind], bits, signed, index, tile, digest, gains, version, layered
    )
    return header, coded

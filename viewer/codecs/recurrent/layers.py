"""The layers of a bitstream of ``recurrent``: one a pass, each of use with those before it.

The payload is, for each pass, its length in bytes (4, little-endian) and its coded bits; the number
of passes is the header's `rate`. A bitstream of fewer passes is the beginning of one of more, with
another header.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import replace

from viewer.codecs.bitstream import HEADER_BYTES, BitstreamHeader, pack, unpack
from viewer.errors import CodecError

NAME = "recurrent"
MOST_LAYERS = 16

_LENGTH = struct.Struct("<I")


def join(layers: Sequence[bytes]) -> bytes:
    """Return the payload of some layers."""
    return b"".join(_LENGTH.pack(len(layer)) + layer for layer in layers)


def split(payload: bytes, count: int) -> list[bytes]:
    """Return the `count` layers of a payload.

    Raises
    ------
    CodecError
        When there are more or fewer.
    """
    layers = []
    place = 0
    for _ in range(count):
        if place + _LENGTH.size > len(payload):
            raise CodecError(f"The {NAME} bitstream ends before its last layer.")
        (length,) = _LENGTH.unpack_from(payload, place)
        place += _LENGTH.size
        if length > len(payload) - place:
            raise CodecError(f"A layer of the {NAME} bitstream ends before its last byte.")
        layers.append(payload[place : place + length])
        place += length
    if place != len(payload):
        raise CodecError(f"The {NAME} bitstream has bytes that belong to no layer.")
    return layers


def sizes(layers: Sequence[bytes]) -> list[int]:
    """Return the bytes of the whole bitstream with the first 1, 2, ... layers."""
    return list(
        itertools.accumulate((_LENGTH.size + len(layer) for layer in layers), initial=HEADER_BYTES)
    )[1:]


def bitstream(header: BitstreamHeader, layers: Sequence[bytes], count: int) -> bytes:
    """Return the bitstream of the first `count` layers."""
    kept = layers[:count]
    return pack(replace(header, rate=len(kept)), join(kept))


def count_layers(data: bytes) -> int:
    """Return how many layers a grey bitstream has; 0 for a constant picture.

    Raises
    ------
    CodecError
        When it is damaged or none of this codec.
    """
    return unpack(data, NAME)[0].rate


def prefix(data: bytes, count: int) -> bytes:
    """Return the bitstream of the first `count` layers of a longer one.

    Raises
    ------
    CodecError
        When the bitstream is damaged or has fewer layers.
    """
    header, payload = unpack(data, NAME)
    if not payload and not header.rate:
        return data
    if not 1 <= count <= header.rate:
        raise CodecError(f"The bitstream has layers 1 to {header.rate}; {count} is none of them.")
    return bitstream(header, split(payload, header.rate), count)

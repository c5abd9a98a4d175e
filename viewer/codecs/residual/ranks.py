"""Stored values with gaps between them: their ranks are coded instead.

Pictures that went through a table use part of their values alone. Which is told by a bitmap;
decoded values between two that are used lie between their ranks. Within a bound, values near each
other are coded as one of them.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual.features import FRACTION_BITS
from viewer.errors import CodecError

_LARGEST_SHARE = 0.9
_FEWEST_PIXELS = 8
"""Pixels a value used must stand for on average before its gaps are taken for a rule."""


def worth_it(values: NDArray[np.int32], bound: int) -> NDArray[np.int32] | None:
    """The values to be told apart, ascending, where they are few enough; else None.

    Few against the steps of ``2 bound + 1`` that would be told apart without.
    """
    used = np.unique(values).astype(np.int32)
    steps = (int(used[-1]) - int(used[0]) + 1) / (2 * bound + 1)
    if bound:
        used = _representatives(used, bound)
    few = used.size <= _LARGEST_SHARE * steps and used.size * _FEWEST_PIXELS <= values.size
    return used if few else None


def _representatives(used: NDArray[np.int32], bound: int) -> NDArray[np.int32]:
    """Some of the values used, as few as possible, such that every one is within a bound of one."""
    chosen = []
    at = 0
    while at < used.size:
        last = int(np.searchsorted(used, used[at] + bound, side="right")) - 1
        chosen.append(int(used[last]))
        at = int(np.searchsorted(used, used[last] + bound, side="right"))
    return np.array(chosen, np.int32)


def pack(used: NDArray[np.int32], low: int, count: int) -> bytes:
    """A deflated bitmap of ``count`` values from ``low`` on."""
    there = np.zeros(count, np.uint8)
    there[used - low] = 1
    return zlib.compress(np.packbits(there, bitorder="little").tobytes(), 9)


def unpack(data: bytes, low: int, count: int) -> NDArray[np.int32]:
    """The values used.

    Raises
    ------
    CodecError
        When no encoder writes such a bitmap.
    """
    size = -(-count // 8)
    engine = zlib.decompressobj()
    try:
        raw = engine.decompress(data, size + 1)
    except zlib.error as error:
        raise _damaged() from error
    if len(raw) != size or not engine.eof or engine.unused_data:
        raise _damaged()
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
    used = np.flatnonzero(bits).astype(np.int32)
    if used.size == 0 or used[-1] >= count:
        raise _damaged()
    return used + np.int32(low)


def to_ranks(values: NDArray[np.int32], used: NDArray[np.int32]) -> NDArray[np.int32]:
    """Ranks of the used values nearest to these."""
    above = np.clip(np.searchsorted(used, values), 0, used.size - 1)
    below = np.maximum(above - 1, 0)
    nearer_below = values - used[below] < used[above] - values
    return np.where((used[above] != values) & nearer_below, below, above).astype(np.int32)


def picture_to_ranks(picture: NDArray[np.int32], used: NDArray[np.int32]) -> NDArray[np.int32]:
    """Decoded values in 1/64 as ranks in 1/64, in proportion between two used values."""
    last = used.size - 1
    if not last:
        return np.zeros_like(picture)
    whole = picture >> FRACTION_BITS
    at = np.clip(np.searchsorted(used, whole, side="right") - 1, 0, last - 1).astype(np.int32)
    gap = used[at + 1] - used[at]
    beyond = (picture - (used[at] << FRACTION_BITS)) // gap
    return (at << FRACTION_BITS) + np.clip(beyond, 0, 1 << FRACTION_BITS).astype(np.int32)


def _damaged() -> CodecError:
    return CodecError("The exact part of the coded image is damaged: its list of values is.")

"""Samples whose bits do not fill whole bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 16


def unpack(data: bytes, skipped: int, bits: int, count: int) -> NDArray[Any]:
    """Cut numbers of `bits` bits out of bytes, the lowest bit of each byte first.

    Parameters
    ----------
    data : bytes
    skipped : int
        Bits before the first number, 0..7.
    bits : int
        2..32.
    count : int

    Returns
    -------
    ndarray of uint8, uint16 or uint32, shape (count,)

    Raises
    ------
    ValueError
        When there are fewer.
    """
    if len(data) * 8 < skipped + bits * count:
        raise ValueError("fewer bits than numbers")
    dtype = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    values = np.empty(count, dtype)
    weights = (np.uint64(1) << np.arange(bits, dtype=np.uint64)).astype(np.uint64)
    # A multiple of eight numbers ends on a byte: blocks stay aligned alike.
    for begin in range(0, count, _BLOCK):
        taken = min(_BLOCK, count - begin)
        first = (skipped + begin * bits) // 8
        shift = (skipped + begin * bits) % 8
        part = np.frombuffer(data, np.uint8, (shift + taken * bits + 7) // 8, first)
        every = np.unpackbits(part, bitorder="little")[shift : shift + taken * bits]
        values[begin : begin + taken] = every.reshape(taken, bits) @ weights
    return values

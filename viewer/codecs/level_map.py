"""Entropy coding of a small map of levels: a binary range coder that learns as it goes.

Each level is four binary decisions, from the highest bit down, with probabilities that depend on
the mean of the levels to the left and above; the coder is that of the Lempel-Ziv-Markov chain
(11-bit probabilities, carry in a cache), written for a thousand symbols, not for speed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.errors import CodecError

BITS = 4
_TOP = 1 << 24
_SCALE = 11
_RATE = 4

Levels = NDArray[np.uint8]


class _Chances:
    """Probability of a zero for each context and each place in the tree of decisions."""

    def __init__(self) -> None:
        self.zero = [[1 << (_SCALE - 1)] * (1 << BITS) for _ in range(1 << BITS)]

    def learn(self, context: int, node: int, bit: int) -> None:
        row = self.zero[context]
        row[node] += (((1 << _SCALE) - row[node]) >> _RATE) if bit == 0 else -(row[node] >> _RATE)


def encode(levels: Levels) -> bytes:
    """Return the bytes of a map of levels 0 .. 15, shape (rows, columns)."""
    low, width, cache, pending, out = 0, 0xFFFFFFFF, 0, 0, bytearray()
    chances = _Chances()
    first = True
    table = levels.tolist()

    def shift() -> None:
        nonlocal low, cache, pending, first
        if low < 0xFF000000 or low > 0xFFFFFFFF:
            carry = low >> 32
            if not first:
                out.append((cache + carry) & 0xFF)
            out.extend(bytes([(0xFF + carry) & 0xFF]) * pending)
            pending, first = 0, False
            cache = low >> 24 & 0xFF
        else:
            pending += 1
        low = (low & 0x00FFFFFF) << 8

    for row, line in enumerate(table):
        for column, level in enumerate(line):
            context, node = _context(table, row, column), 1
            for place in range(BITS - 1, -1, -1):
                bit = level >> place & 1
                bound = (width >> _SCALE) * chances.zero[context][node]
                if bit:
                    low, width = low + bound, width - bound
                else:
                    width = bound
                chances.learn(context, node, bit)
                node = node << 1 | bit
                while width < _TOP:
                    width = width << 8 & 0xFFFFFFFF
                    shift()
    for _ in range(5):
        shift()
    return bytes(out).rstrip(b"\0")


def decode(data: bytes, rows: int, columns: int) -> Levels:
    """Return the map; zero bytes follow the data's end.

    Raises
    ------
    CodecError
        When the data is longer than any map of that size.
    """
    if len(data) > rows * columns * BITS * 2 + 16:
        raise CodecError("The map of the deformation is longer than any map.")
    source = iter(data)
    code, width = 0, 0xFFFFFFFF
    for _ in range(4):
        code = code << 8 | next(source, 0)
    chances = _Chances()
    table = [[0] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            context, node = _context(table, row, column), 1
            for _ in range(BITS):
                bound = (width >> _SCALE) * chances.zero[context][node]
                bit = int(code >= bound)
                if bit:
                    code, width = code - bound, width - bound
                else:
                    width = bound
                chances.learn(context, node, bit)
                node = node << 1 | bit
                while width < _TOP:
                    width = width << 8 & 0xFFFFFFFF
                    code = (code << 8 | next(source, 0)) & 0xFFFFFFFF
            table[row][column] = node & ((1 << BITS) - 1)
    return np.array(table, np.uint8)


def _context(table: list[list[int]], row: int, column: int) -> int:
    left = table[row][column - 1] if column else None
    above = table[row - 1][column] if row else None
    if left is None and above is None:
        return 0
    if left is None or above is None:
        return left if left is not None else above or 0
    return (left + above + 1) >> 1

"""Symbols of a phase to and from a range coder, sorted by table and coded table by table.

Which table: the context's law and the eighths by which the mean lies beside the whole value it was
rounded to. First the high parts of all symbols, sorted (stable); then low bits, by their number;
then escapes, in order.
"""

from __future__ import annotations

from collections.abc import Iterator

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs import range_loops
from viewer.codecs.residual.distributions import OFFSETS, REACH, SCALES, left_cumulatives, model
from viewer.codecs.residual.parameters import Law
from viewer.errors import CodecError

_LENGTH = constriction.stream.model.Uniform(32)
_PART_BITS = 16
_MOST_ESCAPE_BITS = 26
_LARGEST = 1 << 26

Rows = NDArray[np.uint16]
Symbols = NDArray[np.int32]


def _uniform(bits: int) -> constriction.stream.model.Uniform:
    return constriction.stream.model.Uniform(1 << bits)


def split(symbols: Symbols, low_bits: NDArray[np.int32]) -> tuple[Symbols, Symbols]:
    """High parts and low bits: ``symbol = (high << n) + low - (1 << n) // 2``."""
    raised = symbols + ((1 << low_bits) >> 1)
    high = raised >> low_bits
    return high, raised - (high << low_bits)


class _Walk:
    """The order of a phase's symbols, the same for encoder and decoder."""

    def __init__(self, context: NDArray[np.int32], offset: NDArray[np.int32], laws: dict[int, Law]):
        lows = np.zeros(int(context.max(initial=0)) + 1, np.int32)
        known = np.zeros(lows.size, bool)
        for number, law in laws.items():
            if number < lows.size:
                lows[number], known[number] = law.low_bits, True
        if not known[context].all():
            raise CodecError("The exact part of the coded image is damaged: a law is missing.")
        self.low_bits = lows[context] if lows.any() else None
        if self.low_bits is not None:
            offset = np.where(self.low_bits > 0, 0, offset)
        self._laws = laws
        self.rows = (context * OFFSETS + offset).astype(np.uint16)
        self.order = np.argsort(self.rows, kind="stable")
        self._counts = np.bincount(self.rows, minlength=1)

    def tables(self) -> Iterator[tuple[constriction.stream.model.Categorical, int, int]]:
        """Tables in order, with where their symbols start and end."""
        start = 0
        for row in np.flatnonzero(self._counts).tolist():
            end = start + int(self._counts[row])
            context, offset = divmod(row, OFFSETS)
            law = self._laws[context]
            yield model(law.form, law.scale, offset), start, end
            start = end

    def numbers(self) -> NDArray[np.int64]:
        """Number of the table of each row among all there are; 0 of rows that do not occur."""
        numbers = np.zeros(self._counts.size, np.int64)
        for row in np.flatnonzero(self._counts).tolist():
            context, offset = divmod(row, OFFSETS)
            law = self._laws[context]
            numbers[row] = (law.form * SCALES + law.scale) * OFFSETS + offset
        return numbers

    def low_sizes(self) -> list[int]:
        """Numbers of low bits that occur."""
        if self.low_bits is None:
            return []
        return [size for size in np.unique(self.low_bits).tolist() if size]


def _parts(size: int) -> Iterator[tuple[int, int]]:
    """Shift and number of bits of the parts in which low bits are written."""
    for done in range(0, size, _PART_BITS):
        yield done, min(_PART_BITS, size - done)


class SymbolEncoder:
    """Writes a tile."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()

    def put(
        self,
        symbols: Symbols,
        context: NDArray[np.int32],
        offset: NDArray[np.int32],
        laws: dict[int, Law],
    ) -> None:
        """Code a phase, flat."""
        walk = _Walk(context, offset, laws)
        high, low = symbols, None
        if walk.low_bits is not None:
            high, low = split(symbols, walk.low_bits)
        ordered = np.clip(high, -REACH, REACH)[walk.order] + REACH
        for table, start, end in walk.tables():
            self._coder.encode(ordered[start:end], table)
        for size in walk.low_sizes():
            assert low is not None
            chosen = low[walk.low_bits == size]
            for done, bits in _parts(size):
                part = (chosen >> done) & ((1 << bits) - 1)
                self._coder.encode(part.astype(np.int32), _uniform(bits))
        for value in high[np.abs(high) >= REACH].tolist():
            excess = abs(value) - REACH + 1
            length = excess.bit_length() - 1
            self._coder.encode(length, _LENGTH)
            for done, bits in _parts(length):
                self._coder.encode((excess >> done) & ((1 << bits) - 1), _uniform(bits))

    def finish(self) -> bytes:
        """The bytes."""
        return self._coder.get_compressed().astype("<u4").tobytes()


class SymbolDecoder:
    """Reads a tile."""

    def __init__(self, data: bytes) -> None:
        if len(data) % 4:
            raise CodecError("The exact part of the coded image is damaged: a tile is incomplete.")
        self._words = np.frombuffer(data, "<u4").astype(np.uint32)
        self._state = range_loops.begin(self._words)

    def get(
        self, context: NDArray[np.int32], offset: NDArray[np.int32], laws: dict[int, Law]
    ) -> Symbols:
        """Decode a phase, flat.

        Raises
        ------
        CodecError
            When no encoder writes such data.
        """
        walk = _Walk(context, offset, laws)
        high, low = np.empty(context.size, np.int32), np.zeros(context.size, np.int32)
        coder = self._words, self._state
        found = range_loops.read_sorted(
            *coder, left_cumulatives(), walk.order, walk.rows, walk.numbers(), high
        )
        high -= REACH
        for size in walk.low_sizes():
            assert walk.low_bits is not None
            chosen = np.flatnonzero(walk.low_bits == size)
            for done, bits in _parts(size):
                found = found and range_loops.read_bits(*coder, chosen, bits, done, low)
        found = found and range_loops.read_escapes(*coder, high, REACH, _MOST_ESCAPE_BITS)
        if not found:
            raise CodecError(
                "The exact part of the coded image is damaged: its data cannot be decoded."
            )
        if walk.low_bits is None:
            return high
        limit = _LARGEST >> walk.low_bits
        wide = np.clip(high, -limit, limit)
        return (wide << walk.low_bits) + low - ((1 << walk.low_bits) >> 1)

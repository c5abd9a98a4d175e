"""Symbols to and from a range coder, table by table rather than one by one.

Symbols of a group are sorted by table (stable, so the decoder can undo it) and each table codes
its own in one call; then the low bits of shifted symbols, by shift; then escapes, in order.
"""

from __future__ import annotations

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs import range_loops
from viewer.codecs.vqvae2 import choice_loops, value_loops
from viewer.codecs.vqvae2.tables import NO_SHIFT, REACH, Placement, Tables
from viewer.errors import CodecError

_LENGTH = constriction.stream.model.Uniform(32)
ESCAPE_BITS = 26
MOST_HIGH = 1 << 26
"""Shifted symbols are kept below it: damaged data must not wrap."""
_PART_BITS = 16
_SHIFTS = 256
"""Numbers of low bits that a byte can state."""


def _uniform(bits: int) -> constriction.stream.model.Uniform:
    return constriction.stream.model.Uniform(1 << bits)


def shifted(
    symbols: NDArray[np.int32], shift: NDArray[np.uint8] | None
) -> tuple[NDArray[np.int32], NDArray[np.int32] | None]:
    """High parts and low bits: ``symbol = (high << shift) + low - (1 << shift) // 2``."""
    if shift is None:
        return symbols, None
    # Most symbols are not shifted.
    places = np.flatnonzero(shift)
    wide = shift[places].astype(np.int32)
    raised = symbols[places] + ((1 << wide) >> 1)
    moved = raised >> wide
    high, low = symbols.copy(), np.zeros_like(symbols)
    high[places] = moved
    low[places] = raised - (moved << wide)
    return high, low


def joined(
    high: NDArray[np.int32], low: NDArray[np.int32], shift: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Undo `shifted`."""
    high = np.clip(high, -MOST_HIGH >> shift, MOST_HIGH >> shift)
    return (high << shift) + low - ((1 << shift) >> 1)


def _by_shift(shift: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of shifted symbols, those of smaller shifts first, and how many each shift has."""
    counts = np.zeros(_SHIFTS, np.intp)
    value_loops.count(shift, counts)
    places = np.empty(counts[1:].sum(), np.intp)
    value_loops.order(shift, np.cumsum(counts) - counts[0] - counts, places)
    counts[0] = 0
    return places, counts


def damaged() -> CodecError:
    """The error of data that no encoder writes."""
    return CodecError("The coded image is damaged: its data cannot be decoded.")


def estimate_bits(symbols: NDArray[np.int32], at: Placement, tables: Tables) -> float:
    """Bits these symbols will take, to within the coder's rounding."""
    shift = NO_SHIFT if at.shift is None else at.shift
    return float(choice_loops.estimate(symbols, at.row, shift, tables.bits, REACH))


class SymbolEncoder:
    """Writes one tile."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._coder = constriction.stream.queue.RangeEncoder()

    def put(self, symbols: NDArray[np.int32], at: Placement) -> None:
        """Code one group."""
        high, low = shifted(symbols, at.shift)
        order = np.argsort(at.row, kind="stable")
        ordered = np.clip(high, -REACH, REACH)[order].astype(np.int32) + REACH
        ends = np.cumsum(np.bincount(at.row, minlength=len(self._tables.models)))
        start = 0
        for model, end in zip(self._tables.models, ends.tolist(), strict=True):
            if end > start:
                self._coder.encode(ordered[start:end], model)
            start = end
        self._put_low(low, at)
        self._put_escapes(high)

    def _put_low(self, low: NDArray[np.int32] | None, at: Placement) -> None:
        if low is not None and at.shift is not None:
            places, counts = _by_shift(at.shift)
            start = 0
            for bits in np.flatnonzero(counts).tolist():
                end = start + int(counts[bits])
                self._coder.encode(low[places[start:end]], _uniform(bits))
                start = end

    def _put_escapes(self, high: NDArray[np.int32]) -> None:
        for value in high[np.abs(high) >= REACH].tolist():
            excess = abs(value) - REACH + 1
            length = excess.bit_length() - 1
            self._coder.encode(length, _LENGTH)
            self._put_bits(excess - (1 << length), length)

    def _put_bits(self, value: int, length: int) -> None:
        """Write plain bits, low ones first, as many at a time as the coder can take."""
        while length:
            part = min(length, _PART_BITS)
            self._coder.encode(value & ((1 << part) - 1), _uniform(part))
            value, length = value >> part, length - part

    def finish(self) -> bytes:
        """The bytes of the tile."""
        return self._coder.get_compressed().astype("<u4").tobytes()


class SymbolDecoder:
    """Reads one tile."""

    def __init__(self, tables: Tables, data: bytes) -> None:
        self._tables = tables
        self._words = np.frombuffer(data, "<u4").astype(np.uint32)
        self._state = range_loops.begin(self._words)

    def get(self, at: Placement) -> NDArray[np.int32]:
        """Decode one group.

        Raises
        ------
        CodecError
            When no encoder writes such data.
        """
        high = np.empty(at.row.size, np.int32)
        order = np.argsort(at.row, kind="stable")
        lefts = self._tables.lefts
        self._check(
            range_loops.read_sorted(
                self._words, self._state, lefts, order, at.row, np.arange(len(lefts)), high
            )
        )
        high -= REACH
        low = self._get_low(at)
        self._check(range_loops.read_escapes(self._words, self._state, high, REACH, ESCAPE_BITS))
        if at.shift is not None:
            places = np.flatnonzero(at.shift)
            high[places] = joined(high[places], low[places], at.shift[places].astype(np.int32))
        return high

    def _get_low(self, at: Placement) -> NDArray[np.int32]:
        """Low bits of all codes; none where no code has any."""
        low = np.zeros(at.row.size if at.shift is not None else 0, np.int32)
        if at.shift is not None:
            places, _ = _by_shift(at.shift)
            self._check(range_loops.read_low(self._words, self._state, places, at.shift, low))
        return low

    @staticmethod
    def _check(read: bool) -> None:
        if not read:
            raise damaged()

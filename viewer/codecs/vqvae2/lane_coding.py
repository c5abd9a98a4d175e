"""Codes of two quantisers to and from a range coder, lanes side by side.

In version 3 the flags of blocks (`viewer.codecs.vqvae2.active`) come before the groups they speak
of. Which table a code has follows from its state, hence from the codes before it in its lane. All
low bits of a group come first, for they depend on the prior alone; then, step by step, the high
parts of one code of each lane, each with its own table, and the escapes among them.
"""

from __future__ import annotations

from dataclasses import replace

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs import range_loops
from viewer.codecs.vqvae2 import value_loops
from viewer.codecs.vqvae2.active import FLAG_BITS, FLAG_FREQUENCIES, FLAG_LEFTS
from viewer.codecs.vqvae2.symbol_coding import (
    ESCAPE_BITS,
    MOST_HIGH,
    SymbolDecoder,
    SymbolEncoder,
    shifted,
)
from viewer.codecs.vqvae2.tables import NO_SHIFT, REACH, Placement
from viewer.codecs.vqvae2.trellis import FOLLOWING, LANE, lanes

_TABLES = constriction.stream.model.Categorical(perfect=False)
_FLAG_SHARES = FLAG_FREQUENCIES / float(1 << FLAG_BITS)
_AT_ONCE = 1024
"""Symbols handed to the coder together: their tables stay in the cache."""


def by_steps(count: int) -> NDArray[np.int64]:
    """Places of a group's codes in the order they are coded: step by step, lane by lane."""
    width = lanes(count)
    places = np.arange(width * LANE).reshape(width, LANE).T.ravel()
    return places[places < count]


def _widths(count: int) -> list[int]:
    """How many lanes have a code at each step."""
    full, rest = divmod(count, LANE)
    return [full + (step < rest) for step in range(min(LANE, count))]


class LaneEncoder(SymbolEncoder):
    """Writes one tile of version 2 or 3."""

    def put_lanes(self, symbols: NDArray[np.int32], at: Placement) -> None:
        """Code one group; the placement has the tables of each code's quantiser."""
        high, low = shifted(symbols, at.shift)
        self._put_low(low, at)
        order = by_steps(symbols.size)
        high, row = high[order], at.row[order]
        clipped = (np.clip(high, -REACH, REACH) + REACH).astype(np.int32)
        # Escapes follow the step they belong to.
        steps = np.cumsum(_widths(symbols.size))
        beyond = np.unique(np.searchsorted(steps, np.flatnonzero(np.abs(high) >= REACH), "right"))
        after = set(steps[beyond].tolist())
        ends = sorted({*range(_AT_ONCE, symbols.size, _AT_ONCE), symbols.size, *after})
        start = done = 0
        for end in ends:
            table = self._tables.probabilities[row[start:end]]
            self._coder.encode(clipped[start:end], _TABLES, table)
            if end in after:
                self._put_escapes(high[done:end])
                done = end
            start = end

    def put_flags(self, flags: NDArray[np.bool_], rows: NDArray[np.int64]) -> None:
        """Code flags of blocks, each by a row of `FLAG_FREQUENCIES`."""
        if flags.size:
            self._coder.encode(flags.astype(np.int32), _TABLES, _FLAG_SHARES[rows])


class LaneDecoder(SymbolDecoder):
    """Reads one tile of version 2 or 3."""

    def get_flags(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Decode flags of blocks.

        Raises
        ------
        CodecError
            When no encoder writes such data.
        """
        out = np.empty(rows.size, np.int32)
        order, tables = np.arange(rows.size), np.arange(len(FLAG_LEFTS))
        self._check(
            range_loops.read_sorted(self._words, self._state, FLAG_LEFTS, order, rows, tables, out)
        )
        return out != 0

    def get_lanes(self, at: Placement) -> tuple[NDArray[np.int32], Placement]:
        """Decode one group: its symbols, and the placement with each code's quantiser.

        Raises
        ------
        CodecError
            When no encoder writes such data.
        """
        high, tables = np.empty(at.row.size, np.int32), np.empty(at.row.size, np.uint16)
        low = self._get_low(at)
        self._check(
            range_loops.read_lanes(
                self._words,
                self._state,
                self._tables.lefts,
                at.row,
                NO_SHIFT if at.shift is None else at.shift,
                low,
                at.whole,
                FOLLOWING,
                LANE,
                REACH,
                ESCAPE_BITS,
                high,
                tables,
            )
        )
        if at.shift is not None:
            value_loops.join(high, low, at.shift, MOST_HIGH)
        return high, replace(at, row=tables)

"""Codes of two quantisers to and from a range coder, lanes side by side.

Which table a code has follows from its state, hence from the codes before it in its lane. All low
bits of a group come first, for they depend on the prior alone; then, step by step, the high parts
of one code of each lane, each with its own table, and the escapes among them.
"""

from __future__ import annotations

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.symbol_coding import (
    SymbolDecoder,
    SymbolEncoder,
    damaged,
    joined,
    shifted,
)
from viewer.codecs.vqvae2.tables import REACH, Placement, of_quantisers
from viewer.codecs.vqvae2.trellis import LANE, States, lanes

_TABLES = constriction.stream.model.Categorical(perfect=False)
_LEAST, _MOST = bytes([0]), bytes([2 * REACH])
"""What announces an escape, as read."""
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
    """Writes one tile of version 2."""

    def put_lanes(self, symbols: NDArray[np.int32], at: Placement) -> None:
        """Code one group; the placement has the tables of each code's quantiser."""
        high, low = shifted(symbols, at.shift)
        self._put_low(low, at)
        order = by_steps(symbols.size)
        high, row = high[order], at.row[order]
        clipped = (np.clip(high, -REACH, REACH) + REACH).astype(np.int32)
        if (np.abs(high) >= REACH).any():
            ends = np.cumsum(_widths(symbols.size)).tolist()
        else:
            ends = [*range(_AT_ONCE, symbols.size, _AT_ONCE), symbols.size]
        start = 0
        for end in ends:
            table = self._tables.probabilities[row[start:end]]
            self._coder.encode(clipped[start:end], _TABLES, table)
            self._put_escapes(high[start:end])
            start = end


class LaneDecoder(SymbolDecoder):
    """Reads one tile of version 2."""

    def get_lanes(self, at: Placement) -> tuple[NDArray[np.int32], Placement]:
        """Decode one group: its symbols, and the placement with each code's quantiser.

        Raises
        ------
        CodecError
            When no encoder writes such data.
        """
        count = at.row.size
        order = by_steps(count)
        row = at.row[order].astype(np.intp)
        # Mirroring changes no parity: symbol and whole mean tell that of the code.
        parity = at.whole[order].astype(np.int32) + REACH
        found, second = np.empty(count, np.int32), np.empty(count, np.intp)
        states = States(lanes(count))
        tables = self._tables.probabilities
        room = np.empty((lanes(count), tables.shape[1]))
        try:
            low, shift, counts = self._get_low(at), None, None
            if at.shift is not None:
                low, shift = low[order], at.shift[order].astype(np.int32)
                # Where low bits follow, they alone tell the parity of the symbol.
                counts = (shift == 0).astype(np.int32)
                parity += low - ((1 << shift) >> 1) - REACH * (shift > 0)
            start = 0
            # As few calls a step as can be: there are 256 steps a group, short or long.
            for width in _widths(count):
                part = slice(start, start + width)
                chosen = states.rows(width)
                second[part] = chosen
                here = room[:width]
                tables.take(row[part] + chosen, axis=0, out=here, mode="clip")
                codes = self._coder.decode(_TABLES, here)
                seen = codes.astype(np.uint8).tobytes()
                if _LEAST in seen or _MOST in seen:
                    codes -= REACH
                    self._get_escapes(codes)
                    codes += REACH
                found[part] = codes
                if counts is not None:
                    codes *= counts[part]
                codes += parity[part]
                states.advance(codes)
                start += width
        except (AssertionError, ValueError) as error:
            raise damaged() from error
        symbols, quantisers = found - REACH, (second > 0).astype(np.int8)
        if shift is not None:
            symbols = joined(symbols, low, shift)
        back = np.empty(count, np.intp)
        back[order] = np.arange(count)
        return symbols[back], of_quantisers(at, quantisers[back])

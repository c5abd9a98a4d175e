"""Codes that are chosen but not written yet: a search counts their bits, one trial is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.active import flag_bits
from viewer.codecs.vqvae2.lane_coding import LaneEncoder
from viewer.codecs.vqvae2.symbol_coding import estimate_bits
from viewer.codecs.vqvae2.tables import Placement, Tables

_WORD_BITS = 32


class LaterEncoder(LaneEncoder):
    """Takes what a `LaneEncoder` takes and writes it when it is asked to."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._tables = tables
        self._waiting: list[Callable[[], None]] = []
        self.bits = 2.0 * _WORD_BITS
        """About how many it will be."""

    def put(self, symbols: NDArray[np.int32], at: Placement) -> None:
        """Keep one group for later."""
        self._waiting.append(partial(super().put, symbols, at))
        self.bits += estimate_bits(symbols, at, self._tables)

    def put_lanes(self, symbols: NDArray[np.int32], at: Placement) -> None:
        """Keep one group of two quantisers for later."""
        self._waiting.append(partial(super().put_lanes, symbols, at))
        self.bits += estimate_bits(symbols, at, self._tables)

    def put_flags(self, flags: NDArray[np.bool_], rows: NDArray[np.int64]) -> None:
        """Keep the flags of blocks for later."""
        self._waiting.append(partial(super().put_flags, flags, rows))
        self.bits += float(flag_bits(flags, rows).sum())

    def finish(self) -> bytes:
        """The bytes of the tile."""
        for write in self._waiting:
            write()
        self._waiting = []
        return super().finish()


class TileCode:
    """The bitstream of a tile, written when it is first asked for.

    Parameters
    ----------
    head : bytes
    writer : LaterEncoder
    """

    def __init__(self, head: bytes, writer: LaterEncoder) -> None:
        self._head = head
        self._writer = writer
        self._data: bytes | None = None

    @property
    def bits(self) -> float:
        """How long it is, or about how long it will be."""
        if self._data is not None:
            return 8.0 * len(self._data)
        return 8.0 * len(self._head) + self._writer.bits

    def data(self) -> bytes:
        """The bytes: scale bytes, shift bytes, coded data."""
        if self._data is None:
            self._data = self._head + self._writer.finish()
        return self._data

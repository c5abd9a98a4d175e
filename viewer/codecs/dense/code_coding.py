"""Tiles' codes, means and scales to bytes and back: range coding with the model's integer tables.

A code's number in 0 .. 1 is kept as one of `LEVELS` levels, the middle of a sixty-fourth, so that
it is off by 1/128 at most. Each of the N numbers has its own table of frequencies, counted on the
training pictures; so have the scales, and the lengths of the differences between means of
neighbouring tiles. Frequencies are integers that add up to 2^16; the coder is that of
``constriction``, given exact multiples of 2^-16, and the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs.dense.tiles import MEANS, SCALES, Integers
from viewer.errors import CodecError

BITS = 6
LEVELS = 1 << BITS
"""Of a code's number."""

LENGTHS = MEANS.bit_length()
"""Lengths in bits of a difference of means: 0 .. 12."""

TOTAL = 1 << 16

Table = NDArray[np.int64]


@dataclass(frozen=True)
class Tables:
    """Frequencies, each row adding up to 2^16.

    Attributes
    ----------
    codes : ndarray, shape (N, 64)
    lengths : ndarray, shape (13,)
    scales : ndarray, shape (24,)
    """

    codes: Table
    lengths: Table
    scales: Table

    def check(self, size: int) -> None:
        """Refuse tables of another shape or sum.

        Raises
        ------
        ValueError
        """
        shapes = (self.codes.shape, self.lengths.shape, self.scales.shape)
        if shapes != ((size, LEVELS), (LENGTHS,), (SCALES,)):
            raise ValueError("the tables are of another shape")
        for table in (self.codes, self.lengths[None], self.scales[None]):
            if table.min() < 1 or not (table.sum(1) == TOTAL).all():
                raise ValueError("the tables do not add up")


def quantise(codes: NDArray[np.float32]) -> Integers:
    """Return the levels of numbers in 0 .. 1."""
    return np.clip((codes * LEVELS).astype(np.int64), 0, LEVELS - 1)


def restore(levels: Integers) -> NDArray[np.float32]:
    """Return the numbers that levels stand for."""
    return ((levels + 0.5) / LEVELS).astype(np.float32)


def frequencies(symbols: Integers, count: int) -> Table:
    """Return a table of `count` symbols for what was seen, none of them impossible."""
    seen = np.bincount(symbols.ravel(), minlength=count).astype(np.float64) + 0.1
    table = np.maximum(1, np.floor(seen / seen.sum() * (TOTAL - count))).astype(np.int64)
    table[int(table.argmax())] += TOTAL - int(table.sum())
    return table


def differences(means: Integers, across: int) -> Integers:
    """Return each mean less that of the tile on its left, above it in the first column."""
    return means - _told(means.reshape(-1, across)).ravel()


def lengths_of(values: Integers) -> Integers:
    """Return the length in bits of each value's size."""
    return np.ceil(np.log2(np.abs(values) + 1.0)).astype(np.int64)


def encode(
    tables: Tables, levels: Integers, means: Integers, scales: Integers, across: int
) -> bytes:
    """Return the bytes of some tiles, `across` in a row; levels are (tiles, N)."""
    coder = constriction.stream.queue.RangeEncoder()
    steps = differences(means, across)
    lengths = lengths_of(steps)
    coder.encode(lengths.astype(np.int32), _model(tables.lengths))
    for length in range(1, LENGTHS):
        some = steps[lengths == length]
        if some.size:
            # Negative ones first, as in JPEG's differences of DC.
            rest = np.where(some < 0, some + (1 << length) - 1, some)
            coder.encode(rest.astype(np.int32), _even(length))
    coder.encode(scales.astype(np.int32), _model(tables.scales))
    for number, table in enumerate(tables.codes):
        column = np.ascontiguousarray(levels[:, number], np.int32)
        coder.encode(column, _model(table))
    return np.asarray(coder.get_compressed(), "<u4").tobytes()


def decode(
    tables: Tables, data: bytes, count: int, across: int
) -> tuple[Integers, Integers, Integers]:
    """Return levels, means and scales of `count` tiles.

    Raises
    ------
    CodecError
        When the bytes are not what :func:`encode` gives.
    """
    if len(data) % 4:
        raise CodecError("The coded tiles are not a whole number of 32-bit words.")
    coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
    try:
        lengths = _read(coder, _model(tables.lengths), count)
        steps = np.zeros(count, np.int64)
        for length in range(1, LENGTHS):
            some = lengths == length
            if some.any():
                rest = _read(coder, _even(length), int(some.sum()))
                steps[some] = np.where(rest >> (length - 1), rest, rest - (1 << length) + 1)
        scales = _read(coder, _model(tables.scales), count)
        columns = [_read(coder, _model(table), count) for table in tables.codes]
    except AssertionError:
        raise CodecError("The coded tiles are damaged.") from None
    if not coder.maybe_exhausted():
        raise CodecError("The coded tiles are followed by bytes that belong to nothing.")
    rows = steps.reshape(-1, across)
    rows[:, 0] = MEANS // 2 + np.cumsum(rows[:, 0])
    means = np.cumsum(rows, axis=1).ravel()
    if means.min() < 0 or means.max() >= MEANS:
        raise CodecError("The coded tiles have impossible means.")
    return np.stack(columns, 1), means, scales


def _told(means: Integers) -> Integers:
    told = np.empty_like(means)
    told[:, 1:] = means[:, :-1]
    told[1:, 0] = means[:-1, 0]
    told[0, 0] = MEANS // 2
    return told


def _read(coder: Any, model: Any, count: int) -> Integers:
    return np.asarray(coder.decode(model, count), np.int64)


def _model(table: Table) -> Any:
    return constriction.stream.model.Categorical(table / float(TOTAL), perfect=False)


def _even(bits: int) -> Any:
    if bits == 1:
        return constriction.stream.model.Categorical(np.full(2, 0.5), perfect=False)
    return constriction.stream.model.Uniform(1 << bits)

"""Frequency tables of the codes, and where in a bin its values lie on average.

The prior says of each code a scale index ``s`` (scale ``2**(s/4 - 4)`` steps) and a mean in
eighths of a step. The nearest integer of the mean is taken off the code; what is left of the
mean, 0 .. 4 eighths after mirroring, and the scale pick one of `ROWS` tables over the symbols
-31 .. 31. From ``s = 28`` on a code is shifted right first and its low bits are sent as they are.
Tables are integers that sum to 2**16, made once from the training images, kept in the model file.

Models of bitstream version 2 have a second set of tables, for the codes of the second quantiser of
`viewer.codecs.vqvae2.trellis`, in rows `ROWS` and above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs.range_loops import left_cumulatives
from viewer.codecs.vqvae2 import value_loops
from viewer.codecs.vqvae2.parallel import in_order

SCALES = 56
BASE_SCALES = 28
OFFSETS = 5
ROWS = BASE_SCALES * OFFSETS
REACH = 31
"""Largest symbol; it announces an escape."""
SYMBOLS = 2 * REACH + 1
FREQUENCY_BITS = 16
CENTROID_REACH = 2
CENTROID_BITS = 8
CODE_LIMIT = 1 << 24
_WORTH_A_THREAD = 1 << 14
"""Codes."""
NO_SHIFT = np.zeros(0, np.uint8)
"""Stands for "no code is shifted" where an array is needed."""


@dataclass(frozen=True)
class Tables:
    """The tables of one model.

    Parameters
    ----------
    frequencies : ndarray of int32, shape (ROWS, SYMBOLS), or twice the rows
        Positive; each row sums to 2**16.
    centroids : ndarray of int16, shape (ROWS, 5), or twice the rows
        What to add, in 1/256 of a step, to a symbol clipped to -2 .. 2.
    """

    frequencies: NDArray[np.int32]
    centroids: NDArray[np.int16]

    @property
    def dependent(self) -> bool:
        """Whether codes belong to two quantisers."""
        return len(self.frequencies) > ROWS

    @cached_property
    def bits(self) -> NDArray[np.float32]:
        """Cost of each symbol, shape (ROWS, SYMBOLS). For the encoder only."""
        return (FREQUENCY_BITS - np.log2(self.frequencies)).astype(np.float32)

    @cached_property
    def centres(self) -> NDArray[np.float32]:
        """Centroids in steps, flat. For the encoder only."""
        return self.centroids.ravel().astype(np.float32) / np.float32(1 << CENTROID_BITS)

    @cached_property
    def whole_centres(self) -> NDArray[np.int32]:
        """Centroids in 1/256 of a step, flat."""
        return self.centroids.ravel().astype(np.int32)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The tables as shares of 1, exactly, shape of ``frequencies``."""
        return self.frequencies / float(1 << FREQUENCY_BITS)

    @cached_property
    def lefts(self) -> NDArray[np.uint32]:
        """Left cumulatives for `viewer.codecs.range_loops`."""
        return left_cumulatives(self.frequencies, FREQUENCY_BITS)

    @cached_property
    def models(self) -> list[constriction.stream.model.Categorical]:
        """The tables as the range coder takes them."""
        scale = float(1 << FREQUENCY_BITS)
        return [
            constriction.stream.model.Categorical(row.astype(np.float64) / scale, perfect=False)
            for row in self.frequencies
        ]


@dataclass(frozen=True, slots=True)
class Placement:
    """How each code of a group is to be read: everything the prior decides, flattened.

    Parameters
    ----------
    row : ndarray of uint8 (of uint16 with two quantisers)
        Table.
    shift : ndarray of uint8 or None
        Low bits sent as they are; None when none has any.
    whole : ndarray of int16
        Integer part of the mean.
    mirrored : ndarray of bool
    """

    row: NDArray[np.uint8] | NDArray[np.uint16]
    shift: NDArray[np.uint8] | None
    whole: NDArray[np.int16]
    mirrored: NDArray[np.bool_]


def place(
    scale: NDArray[np.signedinteger],  # type: ignore[type-arg]
    mean: NDArray[np.signedinteger],  # type: ignore[type-arg]
    shift_by: int = 0,
) -> Placement:
    """Choose the tables.

    Parameters
    ----------
    scale : ndarray of int16 or int32
        Scale indices, 0 .. SCALES - 1, any shape.
    mean : ndarray of int16 or int32
        Means in eighths of a step.
    shift_by : int
        Added to the scale indices, which are clamped again.
    """
    scale = np.ascontiguousarray(scale.ravel(), np.int16)
    mean = np.ascontiguousarray(mean.ravel(), np.int16)
    row, shift = np.empty((2, scale.size), np.uint8)
    whole, mirrored = np.empty(scale.size, np.int16), np.empty(scale.size, bool)
    some = value_loops.place(
        scale, mean, shift_by, SCALES - 1, BASE_SCALES, OFFSETS, row, whole, mirrored, shift
    )
    return Placement(row, shift if some else None, whole, mirrored)


def of_quantisers(at: Placement, quantisers: NDArray[np.int8]) -> Placement:
    """The placement with the tables of each code's quantiser, 0 or 1."""
    rows = at.row + np.uint16(ROWS) * quantisers.astype(np.uint16)
    return replace(at, row=rows.astype(np.uint16))


def to_symbols(codes: NDArray[np.int32], at: Placement) -> NDArray[np.int32]:
    """Codes with the mean taken off and mirrored: what the tables speak of, before shifting."""
    rest = codes - at.whole
    return np.where(at.mirrored, -rest, rest)


def to_codes(symbols: NDArray[np.int32], at: Placement) -> NDArray[np.int32]:
    """Undo `to_symbols`."""
    return np.add(np.where(at.mirrored, -symbols, symbols), at.whole, dtype=np.int32)


def dequantise(
    symbols: NDArray[np.int32], at: Placement, tables: Tables
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Codes, and where their values lie on average, in 1/256 of a step."""
    codes, middles = np.empty((2, symbols.size), np.int32)
    _values(symbols, at, tables, slice(0, symbols.size), codes, middles)
    return codes, middles


def _values(
    symbols: NDArray[np.int32],
    at: Placement,
    tables: Tables,
    part: slice,
    codes: NDArray[np.int32],
    middles: NDArray[np.int32],
) -> None:
    """`dequantise` of a part."""
    value_loops.values(
        symbols[part],
        at.row[part],
        at.whole[part],
        at.mirrored[part],
        NO_SHIFT if at.shift is None else at.shift[part],
        tables.whole_centres,
        CENTROID_REACH,
        CENTROID_BITS,
        ROWS,
        codes,
        middles,
    )


def coefficients(
    symbols: NDArray[np.int32],
    at: Placement,
    tables: Tables,
    steps: Sequence[float],
    limit: float,
    codes: Sequence[NDArray[np.int32]],
    out: Sequence[NDArray[np.float64]],
) -> None:
    """Codes of a group, and what they stand for, channel by channel: one stays in the cache.

    Parameters
    ----------
    symbols : ndarray of int32
        Of all channels, of one size, one after the other, flat.
    steps : sequence of float
        Step of each channel, in the unit of coefficients.
    limit : float
        Largest coefficient.
    codes : sequence of ndarray of int32, shape (h, w)
        Filled; contiguous.
    out : sequence of ndarray of float64, shape (h, w)
        Filled with ``floor(value * step + 1/2)``.
    """
    size = codes[0].size

    def channel(number: int) -> None:
        part = slice(number * size, (number + 1) * size)
        middles = np.empty(codes[number].shape, np.int32)
        _values(symbols, at, tables, part, codes[number].ravel(), middles.ravel())
        step = steps[number] / (1 << CENTROID_BITS)
        value_loops.coefficients(middles, step, limit, out[number])

    if size < _WORTH_A_THREAD:
        for number in range(len(codes)):
            channel(number)
        return
    for _ in in_order(channel, range(len(codes))):
        pass

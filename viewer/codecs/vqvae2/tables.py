"""Frequency tables of the codes, and where in a bin its values lie on average.

The prior says of each code a scale index ``s`` (scale ``2**(s/4 - 4)`` steps) and a mean in
eighths of a step. The nearest integer of the mean is taken off the code; what is left of the
mean, 0 .. 4 eighths after mirroring, and the scale pick one of `ROWS` tables over the symbols
-31 .. 31. From ``s = 28`` on a code is shifted right first and its low bits are sent as they are.
Tables are integers that sum to 2**16, made once from the training images, kept in the model file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import constriction
import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Tables:
    """The tables of one model.

    Parameters
    ----------
    frequencies : ndarray of int32, shape (ROWS, SYMBOLS)
        Positive; each row sums to 2**16.
    centroids : ndarray of int16, shape (ROWS, 5)
        What to add, in 1/256 of a step, to a symbol clipped to -2 .. 2.
    """

    frequencies: NDArray[np.int32]
    centroids: NDArray[np.int16]

    @cached_property
    def bits(self) -> NDArray[np.float32]:
        """Cost of each symbol, shape (ROWS, SYMBOLS). For the encoder only."""
        return (FREQUENCY_BITS - np.log2(self.frequencies)).astype(np.float32)

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
    row : ndarray of uint8
        Table.
    shift : ndarray of uint8 or None
        Low bits sent as they are; None when none has any.
    whole : ndarray of int32
        Integer part of the mean.
    mirrored : ndarray of bool
    """

    row: NDArray[np.uint8]
    shift: NDArray[np.uint8] | None
    whole: NDArray[np.int32]
    mirrored: NDArray[np.bool_]


def place(scale: NDArray[np.int32], mean: NDArray[np.int32], shift_by: int = 0) -> Placement:
    """Choose the tables.

    Parameters
    ----------
    scale : ndarray of int32
        Scale indices, 0 .. SCALES - 1, any shape.
    mean : ndarray of int32
        Means in eighths of a step.
    shift_by : int
        Added to the scale indices, which are clamped again.
    """
    scale, mean = scale.ravel(), mean.ravel()
    if shift_by:
        scale = np.clip(scale + shift_by, 0, SCALES - 1)
    whole = (mean + 4) >> 3
    rest = mean - (whole << 3)
    mirrored = rest < 0
    offset = np.abs(rest)
    large = scale >= BASE_SCALES
    shift = None
    if large.any():
        shift = np.where(large, (scale - 24) >> 2, 0).astype(np.uint8)
        scale = np.where(large, 24 + (scale & 3), scale)
        offset[large] = 0
        mirrored[large] = False
    return Placement((scale * OFFSETS + offset).astype(np.uint8), shift, whole, mirrored)


def to_symbols(codes: NDArray[np.int32], at: Placement) -> NDArray[np.int32]:
    """Codes with the mean taken off and mirrored: what the tables speak of, before shifting."""
    rest = codes - at.whole
    return np.where(at.mirrored, -rest, rest)


def to_codes(symbols: NDArray[np.int32], at: Placement) -> NDArray[np.int32]:
    """Undo `to_symbols`."""
    return np.where(at.mirrored, -symbols, symbols) + at.whole


def reconstruct(symbols: NDArray[np.int32], at: Placement, tables: Tables) -> NDArray[np.int32]:
    """Where the values lie on average, in 1/256 of a step."""
    clipped = np.clip(symbols, -CENTROID_REACH, CENTROID_REACH) + CENTROID_REACH
    flat = tables.centroids.ravel()
    add = flat[at.row.astype(np.int32) * (2 * CENTROID_REACH + 1) + clipped].astype(np.int32)
    if at.shift is not None:
        add[at.shift > 0] = 0
    add = np.where(at.mirrored, -add, add)
    return (to_codes(symbols, at) << CENTROID_BITS) + add

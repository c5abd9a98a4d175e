"""The laws of what is left: integer frequencies by scale, form and place of the mean.

A table speaks of the symbols -63 .. 63. Its scale is ``2**(i/8 - 3)`` steps for ``i`` in 0 .. 56,
its form one of three laws, its mean 0 .. 4 eighths of a step above 0. Frequencies are positive and
sum to 2**16. They are rounded from double precision: no value lies so near to a half that
another machine's exponential could round it otherwise, which a test asserts.
"""

from __future__ import annotations

import math
from functools import lru_cache

import constriction
import numpy as np
from numpy.typing import NDArray

from viewer.codecs import range_loops

SCALES = 57
OFFSETS = 5
FORMS = 3
REACH = 63
"""Largest symbol; it announces an escape."""
SYMBOLS = 2 * REACH + 1
FREQUENCY_BITS = 16

_FREE = (1 << FREQUENCY_BITS) - SYMBOLS - 1
"""Even, so that the halves of a law whose mean lies between two symbols are whole numbers."""

_SPREADS = (1.0, 0.5513288954217921, 0.7071067811865476)
"""Normal, logistic and Laplace law: the parameter that gives a standard deviation of 1."""


def _cumulative(form: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the law with parameter 1. Written for the lower half, where no digits are lost."""
    below = -np.abs(x)
    if form == 0:
        half = np.array([0.5 * math.erfc(-v * math.sqrt(0.5)) for v in below.ravel().tolist()])
        half = half.reshape(x.shape)
    elif form == 1:
        grown = np.exp(below)
        half = grown / (1 + grown)
    else:
        half = 0.5 * np.exp(below)
    return np.where(x < 0, half, 1 - half)


@lru_cache(maxsize=1)
def shares() -> NDArray[np.float64]:
    """What each symbol would get of the frequencies that are free, before rounding.

    Returns
    -------
    ndarray, shape (FORMS, SCALES, OFFSETS, SYMBOLS)
    """
    out = np.empty((FORMS, SCALES, OFFSETS, SYMBOLS))
    edges = np.arange(-REACH, REACH + 2) - 0.5
    mean = np.arange(OFFSETS)[:, None] / 8
    for form, spread in enumerate(_SPREADS):
        for index in range(SCALES):
            cdf = _cumulative(form, (edges - mean) / (spread * 2.0 ** (index / 8 - 3)))
            cdf[:, 0], cdf[:, -1] = 0.0, 1.0
            out[form, index] = np.diff(cdf)
    return out * _FREE


@lru_cache(maxsize=1)
def frequencies() -> NDArray[np.int32]:
    """Frequencies of every table, shape (FORMS, SCALES, OFFSETS, SYMBOLS)."""
    found = np.floor(shares() + 0.5).astype(np.int32) + 1
    flat = found.reshape(-1, SYMBOLS)
    # What rounding left over goes to the symbol at the mean, the first of the largest.
    flat[:, REACH] += (1 << FREQUENCY_BITS) - flat.sum(1)
    return found


@lru_cache(maxsize=1)
def bits() -> NDArray[np.float32]:
    """Cost of each symbol, shape (FORMS * SCALES, OFFSETS, SYMBOLS). For the encoder only."""
    cost = FREQUENCY_BITS - np.log2(frequencies())
    return cost.reshape(FORMS * SCALES, OFFSETS, SYMBOLS).astype(np.float32)


@lru_cache(maxsize=FORMS * SCALES * OFFSETS)
def model(form: int, scale: int, offset: int) -> constriction.stream.model.Categorical:
    """A table as the range coder takes it."""
    row = frequencies()[form, scale, offset].astype(np.float64)
    return constriction.stream.model.Categorical(row / (1 << FREQUENCY_BITS), perfect=False)


@lru_cache(maxsize=1)
def left_cumulatives() -> NDArray[np.uint32]:
    """All tables as `viewer.codecs.range_loops` takes them, in the order of `frequencies`."""
    return range_loops.left_cumulatives(frequencies().reshape(-1, SYMBOLS), FREQUENCY_BITS)

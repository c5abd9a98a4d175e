"""The 9-7 lifting transform in integers, held in float64: the normative synthesis.

Each lifting step adds ``floor(c * (a + b) / 4096 + 1/2)`` with an integer ``c`` of 13 bits. A
picture of 16 bits with 6 fraction bits grows to less than 2**29 over five levels, products stay
below 2**44, and a float64 holds all of them exactly. The analysis uses the same steps forwards,
so without quantisation the transform is lossless.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2 import lifting_loops
from viewer.codecs.vqvae2.parallel import in_parts

Plane = NDArray[np.float64]

LIFTING = (-6497, -217, 3616, 1817)
LIFTING_BITS = 12
_SCALES = np.array(LIFTING, np.float64) / (1 << LIFTING_BITS)
_SHARED = 1 << 17
"""Values of either half from which on a second thread pays."""
_LEAST = 128
"""Lines that are worth a thread of their own."""

Bands = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Details of one level: HL low, HL high, LH low, LH high, HH."""


def _split(x: Plane, axis: int) -> tuple[Plane, Plane]:
    rows, columns = x.shape
    x = np.ascontiguousarray(x)
    if axis:
        low, high = np.empty((2, rows, columns // 2))
        _across(
            rows,
            columns // 2,
            lambda first, last: lifting_loops.split_rows(x, low, high, _SCALES, first, last),
        )
    else:
        both = np.empty((rows, columns))
        low, high = both[: rows // 2], both[rows // 2 :]
        _across(
            columns,
            rows // 2,
            lambda first, last: lifting_loops.split_columns(x, both, _SCALES, first, last),
        )
    return low, high


def _merge_columns(low: Plane, high: Plane) -> Plane:
    """Undo `_split` along the vertical."""
    rows, columns = low.shape
    out = np.empty((2 * rows, columns))
    low, high = np.ascontiguousarray(low), np.ascontiguousarray(high)
    merge = lifting_loops.merge_columns
    _across(columns, rows, lambda first, last: merge(low, high, out, _SCALES, first, last))
    return out


def _across(lines: int, length: int, lift: Callable[[int, int], None]) -> None:
    """Lift all lines, those of large pictures on all cores."""
    if lines * length < _SHARED:
        lift(0, lines)
    else:
        in_parts(lines, lift, _LEAST)


def analyse(picture: Tensor) -> tuple[Tensor, Bands]:
    """Split ``(2h, 2w)`` into its low band ``(h, w)`` and five bands of details.

    Returns
    -------
    tuple
        The low band, then HL's low and high half along the vertical ``(h / 2, w)``, LH's along the
        horizontal ``(h, w / 2)``, and HH ``(h, w)``.
    """
    low, high = _split(picture.numpy(), 1)
    ll, lh = _split(low, 0)
    hl, hh = _split(high, 0)
    bands = (*_split(hl, 0), *_split(lh, 1), hh)
    first, second, third, fourth, fifth = map(torch.from_numpy, bands)
    return torch.from_numpy(ll), (first, second, third, fourth, fifth)


def synthesise(low: Tensor, details: Bands) -> Tensor:
    """Undo `analyse`.

    Parameters
    ----------
    low : Tensor, float64, shape (h, w)
        Integers.
    details : five Tensors, float64
        Integers, in the order of `analyse`.
    """
    hl_low, hl_high, lh_low, lh_high, hh = (band.numpy() for band in details)
    rows, columns = low.shape
    out = np.empty((2 * rows, 2 * columns))
    ll, left, right, corner = map(np.ascontiguousarray, (low.numpy(), lh_low, lh_high, hh))
    hl = _merge_columns(hl_low, hl_high)
    merge = lifting_loops.merge_level
    _across(
        rows,
        columns,
        lambda first, last: merge(ll, left, right, hl, corner, out, _SCALES, first, last),
    )
    return torch.from_numpy(out)

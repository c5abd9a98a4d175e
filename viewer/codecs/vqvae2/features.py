"""What the networks see, computed with integers from what is decoded already.

Values are companded to sixteenths, 0 .. 255; a sign makes two planes of bytes, what is above zero
and what is below. Arrays that networks take are ``(h, w, channels)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.codecs.vqvae2.steps import slope_factor
from viewer.networks.vqvae2_inference import BANDS, SLOPES, PriorInference
from viewer.networks.vqvae2_prior import BUSY_LIMIT, BUSY_WINDOW

Bytes = NDArray[np.uint8]

EIGHTHS_LIMIT = (1 << 19) - 1
_TOP = 255
PART = 128
"""Rows of a level that are worth a thread of their own."""
_CHUNK = 1 << 15
"""Slopes worked on at once: their float64 stay in the second-level cache."""


@lru_cache(maxsize=1)
def companding_table() -> Bytes:
    """``floor(16 * log2(1 + n / 8) + 1/2)`` for n eighths of a step, at most 255.

    Decided by integers alone: the value is the largest ``v`` with
    ``(8 + n)**32 >= 8**32 * 2**(2 v - 1)``.
    """
    table = np.zeros(EIGHTHS_LIMIT + 1, np.uint8)
    for value in range(1, _TOP + 1):
        bound = 8**32 << (2 * value - 1)
        low, high = 0, EIGHTHS_LIMIT + 1
        while low < high:
            middle = (low + high) // 2
            if (8 + middle) ** 32 >= bound:
                high = middle
            else:
                low = middle + 1
        table[low:] = value
    return table


@lru_cache(maxsize=1)
def _code_table() -> Bytes:
    """The same for codes of 0 .. 255 steps."""
    return np.ascontiguousarray(companding_table()[: 8 * _TOP + 1 : 8])


@dataclass(frozen=True, slots=True)
class CodePlanes:
    """Codes as the networks see them, each ``(n, h, w)``.

    Parameters
    ----------
    above, below : ndarray of uint8
        Companded, where the code is above or below zero.
    sizes : ndarray of uint8
        ``min(|code|, 255)``.
    """

    above: Bytes
    below: Bytes
    sizes: Bytes

    @classmethod
    def of(cls, codes: NDArray[np.signedinteger]) -> CodePlanes:  # type: ignore[type-arg]
        """Compand codes."""
        sizes = np.abs(codes)
        if sizes.max(initial=0) > BUSY_LIMIT:
            eighths = np.minimum(sizes.astype(np.int64) * 8, EIGHTHS_LIMIT)
            companded = companding_table().take(eighths)
            small = np.minimum(sizes, BUSY_LIMIT).astype(np.uint8)
        else:
            small = sizes.astype(np.uint8)
            companded = _code_table().take(small)
        above = companded * (codes > 0)
        return cls(above, companded - above, small)

    @classmethod
    def joined(cls, parts: list[CodePlanes], order: list[int]) -> CodePlanes:
        """Planes of several groups; plane ``k`` of them becomes plane ``order[k]``."""
        inverse = np.argsort(order)
        return cls(
            np.concatenate([p.above for p in parts])[inverse],
            np.concatenate([p.below for p in parts])[inverse],
            np.concatenate([p.sizes for p in parts])[inverse],
        )


def window_sums(values: NDArray[np.uint16], first: int = 0, last: int = 0) -> NDArray[np.uint16]:
    """Sums over 8x8 windows (4 cells before, 3 after, zeros outside) of ``(n, h, w)``.

    Those of the rows from ``first`` to ``last`` (0: all). The sums must stay below 2**16: four
    bands of 255 times 64 do.
    """
    before, after = BUSY_WINDOW // 2, BUSY_WINDOW // 2 - 1
    height = values.shape[1]
    top, bottom = first - before, (last or height) + after
    seen = values[:, max(top, 0) : bottom]
    outside = (max(-top, 0), max(bottom - height, 0))
    sums = np.pad(seen, ((0, 0), outside, (before, after)))
    shift = 1
    while shift < BUSY_WINDOW:
        sums = sums[:, :-shift] + sums[:, shift:]
        sums = sums[:, :, :-shift] + sums[:, :, shift:]
        shift *= 2
    return sums


def busyness(sizes: NDArray[np.uint16], first: int = 0, last: int = 0) -> Bytes:
    """Companded window sums, ``(n, h, w)``, of all rows or some."""
    return companding_table().take(window_sums(sizes, first, last))


def _slopes(
    low: NDArray[np.float64], factor: int, scale: float, first: int, last: int
) -> tuple[Bytes, Bytes]:
    """Companded differences to the right and below, (2, rows, w): above and below zero."""
    width = low.shape[1]
    above, below = np.empty((2, 2, last - first, width), np.uint8)
    table = companding_table()
    step = max(_CHUNK // width, 1)
    for top in range(first, last, step):
        end = min(top + step, last)
        here = slice(top - first, end - first)
        change = np.zeros((2, end - top, width))
        np.subtract(low[top:end, 1:], low[top:end, :-1], out=change[0, :, :-1])
        under = low[top + 1 : end + 1]
        np.subtract(under, low[top : top + len(under)], out=change[1, : len(under)])
        change *= factor
        change *= scale
        change += 0.5
        np.floor(change, out=change)
        rising = change > 0
        np.abs(change, out=change)
        np.minimum(change, EIGHTHS_LIMIT, out=change)
        size = table.take(change.astype(np.intp))
        np.multiply(size, rising, out=above[:, here])
        np.subtract(size, above[:, here], out=below[:, here])
    return above, below


def _phases(planes: Bytes) -> Bytes:
    """``(n, 2h, 2w)`` to ``(4n, h, w)``: even and odd rows, of each even and odd columns."""
    count, height, width = planes.shape
    cells = planes.reshape(count, height // 2, 2, width // 2, 2)
    return cells.transpose(0, 2, 4, 1, 3).reshape(4 * count, height // 2, width // 2)


def base_features(
    low: Tensor,
    parent: CodePlanes | None,
    grandparent: CodePlanes | None,
    step_index: int,
    level: int,
    prior: PriorInference,
) -> Bytes:
    """What `PriorInference.base` takes.

    Parameters
    ----------
    low : Tensor, float64, shape (h, w)
        Decoded low band of ``level`` in raw units; ``h`` and ``w`` even.
    parent : CodePlanes or None
        Codes of the level above, 12 planes on its grid, (h / 4, w / 4).
    grandparent : CodePlanes or None
        (h / 8, w / 8).
    step_index : int
    level : int

    Returns
    -------
    ndarray of uint8, shape (h / 2, w / 2, channels)
        8 slopes above and 8 below zero; 5 bands of the parent above, below, busyness; 5 sizes of
        the grandparent.
    """
    channels = prior.feature_channels
    out = np.zeros((low.shape[0] // 2, low.shape[1] // 2, len(channels)), np.uint8)
    values = low.numpy()
    factor, scale = slope_factor(step_index, level)

    def put_slopes(top: int, end: int) -> None:
        for start, planes in enumerate(_slopes(values, factor, scale, 2 * top, 2 * end)):
            channels.put(out[top:end], start * SLOPES, _phases(planes))

    in_parts(len(out), put_slopes, PART)
    start = 2 * SLOPES
    if parent is not None:
        channels.put(out, start, finer(parent.above))
        channels.put(out, start + BANDS, finer(parent.below))
        sizes = finer(parent.sizes).astype(np.uint16)
        channels.put(out, start + 2 * BANDS, busyness(sizes))
    if grandparent is not None:
        companded = grandparent.above | grandparent.below
        stretched = finer(companded).repeat(2, axis=-1).repeat(2, axis=-2)
        channels.put(out, start + 3 * BANDS, stretched)
    return out

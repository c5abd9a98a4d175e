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

from viewer.codecs.vqvae2 import plane_loops
from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.parallel import in_parts
from viewer.codecs.vqvae2.steps import slope_factor
from viewer.networks.vqvae2_inference import BANDS, SLOPES
from viewer.networks.vqvae2_prior import BUSY_LIMIT, BUSY_WINDOW

Bytes = NDArray[np.uint8]
Signs = tuple[Bytes, Bytes]
"""What values are above and below zero."""

EIGHTHS_LIMIT = (1 << 19) - 1
_TOP = 255
PLANES = 2 * SLOPES + 4 * BANDS
"""What the coarser levels say of a level."""
PART = 64
"""Rows of a level that are worth a thread of their own."""


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
def companded_codes() -> NDArray[np.int32]:
    """`companding_table` of whole steps: of codes, from 0 on."""
    return companding_table()[::8].astype(np.int32)


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
        """Compand codes, ``(n, h, w)``."""
        both = np.empty((2, *codes.shape), np.uint8)
        sizes = np.empty(codes.shape, np.uint8)
        for number, plane in enumerate(codes):
            signs(plane, both[:, number], sizes[number])
        return cls(both[0], both[1], sizes)


def signs(codes: NDArray[np.signedinteger], both: Bytes, sizes: Bytes) -> None:  # type: ignore[type-arg]
    """Compand codes, ``(h, w)``, into what is above and below zero, ``(2, h, w)``, and sizes."""
    plane_loops.signs(
        np.ascontiguousarray(codes), companded_codes(), BUSY_LIMIT, both[0], both[1], sizes
    )


def busyness(sizes: NDArray[np.unsignedinteger], first: int = 0, last: int = 0) -> Bytes:  # type: ignore[type-arg]
    """Companded sums of ``(n, h, w)`` over 8x8 windows: 4 cells before, 3 after, zeros outside.

    Those of the rows from ``first`` to ``last`` (0: all). The sums are looked up as eighths.
    """
    count, height, width = sizes.shape
    last = last or height
    out = np.empty((count, last - first, width), np.uint8)
    before, after = BUSY_WINDOW // 2, BUSY_WINDOW // 2 - 1
    plane_loops.busyness(sizes, companding_table(), before, after, first, last, out)
    return out


def base_planes(
    low: Tensor,
    parent: CodePlanes | None,
    grandparent: CodePlanes | None,
    step_index: int,
    level: int,
) -> Bytes:
    """What the coarser levels say of a level, plane by plane.

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
    ndarray of uint8, shape (36, h / 2, w / 2)
        8 slopes above and 8 below zero; 5 bands of the parent above, below, busyness; 5 sizes of
        the grandparent.
    """
    rows, columns = low.shape[0] // 2, low.shape[1] // 2
    out = np.empty((PLANES, rows, columns), np.uint8)
    values = np.ascontiguousarray(low.numpy())
    factor, scale = map(float, slope_factor(step_index, level))

    def put_slopes(top: int, end: int) -> None:
        planes = out[: 2 * SLOPES, top:end]
        plane_loops.slopes(
            values, factor, scale, EIGHTHS_LIMIT, companding_table(), 2 * top, 2 * end, planes
        )

    in_parts(rows, put_slopes, PART)
    above, below, busy, older = out[2 * SLOPES :].reshape(4, BANDS, rows, columns)
    if parent is None:
        above[:], below[:], busy[:] = 0, 0, 0
    else:
        above[:], below[:] = finer(parent.above), finer(parent.below)
        busy[:] = busyness(finer(parent.sizes))
    if grandparent is None:
        older[:] = 0
    else:
        companded = grandparent.above | grandparent.below
        older[:] = finer(companded).repeat(2, axis=-1).repeat(2, axis=-2)
    return out

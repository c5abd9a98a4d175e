"""What the prior sees, computed with integers from what is decoded already."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.steps import slope_factor
from viewer.networks.vqvae2_prior import (
    BAND_OF,
    BUSY_BANDS,
    BUSY_LIMIT,
    GROUPS,
    window_sums,
)

EIGHTHS_LIMIT = (1 << 19) - 1
_TOP = 255


@lru_cache(maxsize=1)
def _companding_table() -> Tensor:
    """``floor(16 * log2(1 + n / 8) + 1/2) / 16`` for n eighths of a step, at most 255/16.

    Decided by integers alone: the value is the largest ``v`` with
    ``(8 + n)**32 >= 8**32 * 2**(2 v - 1)``.
    """
    table = np.zeros(EIGHTHS_LIMIT + 1, np.float32)
    for value in range(1, _TOP + 1):
        bound = 8**32 << (2 * value - 1)
        low, high = 0, EIGHTHS_LIMIT + 1
        while low < high:
            middle = (low + high) // 2
            if (8 + middle) ** 32 >= bound:
                high = middle
            else:
                low = middle + 1
        table[low:] = value / 16
    return torch.from_numpy(table)


def compand_eighths(eighths: Tensor) -> tuple[Tensor, Tensor]:
    """Signed and absolute companded value of integers counting eighths of a step."""
    index = eighths.abs().clamp_(max=EIGHTHS_LIMIT).to(torch.int32)
    size = torch.take(_companding_table(), index.long())
    return size * torch.sign(eighths).to(torch.float32), size


def code_features(codes: NDArray[np.int32]) -> Tensor:
    """Companded codes, then their magnitudes: ``(n, h, w)`` to ``(2n, h, w)``."""
    signed, size = compand_eighths(torch.from_numpy(codes) * 8)
    return torch.cat([signed, size])


def _phases(x: Tensor) -> Tensor:
    return torch.nn.functional.pixel_unshuffle(x[None], 2)[0]


def busyness(sizes: Tensor) -> Tensor:
    """Companded window sums of integers' sizes, ``(n, h, w)``."""
    sums = window_sums(sizes.abs().clamp(max=BUSY_LIMIT).to(torch.float32))
    return compand_eighths(sums)[1]


def context_features(codes: NDArray[np.int32], group: int) -> Tensor | None:
    """What group ``group`` sees of the groups before, or None for the first.

    Parameters
    ----------
    codes : ndarray, shape (n, h, w)
        Codes of the groups before, in coding order.
    """
    if not group:
        return None
    sizes = torch.from_numpy(codes).abs().clamp(max=BUSY_LIMIT).to(torch.float32)
    channels = [c for g in GROUPS[:group] for c in g]
    sums = torch.stack(
        [
            sizes[[i for i, c in enumerate(channels) if BAND_OF[c] == band]].sum(0)
            for band in BUSY_BANDS[group]
        ]
    )
    return torch.cat([code_features(codes), compand_eighths(window_sums(sums))[1]])


def base_features(
    low: Tensor,
    parent: NDArray[np.int32] | None,
    grandparent: NDArray[np.int32] | None,
    step_index: int,
    level: int,
) -> Tensor:
    """The 36 channels `LevelPrior.base` takes.

    Parameters
    ----------
    low : Tensor, float64, shape (h, w)
        Decoded low band of ``level`` in raw units; ``h`` and ``w`` even.
    parent : ndarray, shape (12, h / 4, w / 4), or None
        Codes of the level above, on its grid.
    grandparent : ndarray, shape (12, h / 8, w / 8), or None
    step_index : int
    level : int

    Returns
    -------
    Tensor, float32, shape (36, h / 2, w / 2)
        16 of slopes, 15 of the parent, 5 of the grandparent.
    """
    factor, scale = slope_factor(step_index, level)
    slopes = low.new_zeros(2, *low.shape)
    torch.sub(low[:, 1:], low[:, :-1], out=slopes[0, :, :-1])
    torch.sub(low[1:], low[:-1], out=slopes[1, :-1])
    slopes.mul_(factor).mul_(scale).add_(0.5).floor_()
    signed, size = compand_eighths(_phases(slopes))
    out = torch.zeros(36, low.shape[0] // 2, low.shape[1] // 2)
    out[0:8], out[8:16] = signed, size
    if parent is not None:
        codes = finer(parent)
        out[16:26] = code_features(codes)
        out[26:31] = busyness(torch.from_numpy(codes))
    if grandparent is not None:
        size = code_features(finer(grandparent))[5:]
        out[31:36] = size.repeat_interleave(2, -1).repeat_interleave(2, -2)
    return out

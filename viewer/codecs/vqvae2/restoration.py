"""The restoration filter over a decoded picture, strip by strip, in integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.codecs.vqvae2.features import compand_eighths
from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.steps import base_step, pixel_factor
from viewer.networks.vqvae2_filter import BLOCK, RestorationFilter
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, ACTIVATION_STEPS, SUM_STEPS

HALO = 4
"""Blocks each side that a block's correction depends on: one a convolution."""
STRIP = 64
CORRECTION_LIMIT = 2 * SUM_STEPS
"""Corrections are clamped to two steps."""


def picture_features(blocks: Tensor, step_index: int) -> Tensor:
    """The 20 channels about pixels.

    Parameters
    ----------
    blocks : Tensor, float64, shape (16, h, w)
        Picture values of each 4x4 block.

    Returns
    -------
    Tensor, float32, shape (20, h, w)
        On the activation grid, at most 255/16 in size.
    """
    factor, scale = pixel_factor(step_index)
    mean = blocks.sum(0, keepdim=True).mul_(1 / 16).add_(0.5).floor_()
    around = F.pad(mean[None], (1, 1, 1, 1), mode="replicate")[0]
    values = torch.cat(
        [
            blocks - mean,
            around[:, 1:-1, 2:] - mean,
            around[:, 1:-1, :-2] - mean,
            around[:, 2:, 1:-1] - mean,
            around[:, :-2, 1:-1] - mean,
        ]
    )
    values.mul_(factor).mul_(scale).add_(0.5).floor_().clamp_(-ACTIVATION_MAX, ACTIVATION_MAX)
    return values.to(torch.float32).mul_(1 / ACTIVATION_STEPS)


def code_features(fine: NDArray[np.int16], coarse: NDArray[np.int16]) -> Tensor:
    """The 17 channels about codes: companded level 1, then level 2 on level 1's grid."""
    codes = np.concatenate([fine.astype(np.int32), finer(coarse.astype(np.int32))])
    return compand_eighths(torch.from_numpy(codes) * 8)[0]


def _strips(blocks: int) -> Iterator[tuple[int, int, int, int]]:
    """Rows of blocks to correct (start, end) and to look at (first, last); all even."""
    for start in range(0, blocks, STRIP):
        end = min(start + STRIP, blocks)
        yield start, end, max(start - HALO - 2, 0), min(end + HALO + 2, blocks)


@torch.inference_mode()
def corrections(
    network: RestorationFilter,
    picture: Tensor,
    codes: list[NDArray[np.int16]],
    step_index: int,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """What the filter would add to a picture, in 2**-11 of a step, float32 integers.

    Parameters
    ----------
    network : RestorationFilter
    picture : Tensor, float64, shape (h, w)
        In 2**-6 of a stored value; padded.
    codes : list of ndarray
        Of levels 1 and 2, on their grids.
    check : callable
        Called between strips; may raise to stop.
    """
    out = torch.empty(picture.shape, dtype=torch.float32)
    for start, end, first, last in _strips(picture.shape[0] // BLOCK):
        check()
        blocks = F.pixel_unshuffle(picture[None, BLOCK * first : BLOCK * last], BLOCK)
        features = torch.cat(
            [
                picture_features(blocks, step_index),
                code_features(codes[0][:, first:last], codes[1][:, first // 2 : last // 2]),
            ]
        )
        found = network(features[None])[..., start - first : end - first, :]
        found = found.mul(SUM_STEPS).clamp_(-CORRECTION_LIMIT, CORRECTION_LIMIT)
        out[BLOCK * start : BLOCK * end] = F.pixel_shuffle(found, BLOCK)[0, 0]
    return out


def apply(part: Tensor, correction: Tensor, strength: int, step_index: int) -> None:
    """Add ``strength / 16`` of the correction to a part of a picture, in place."""
    if strength:
        factor = float(base_step(step_index) * strength)
        part.add_(correction.to(torch.float64).mul_(factor).mul_(2.0**-23).add_(0.5).floor_())

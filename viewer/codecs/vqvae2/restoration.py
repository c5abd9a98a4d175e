"""The restoration filter over a decoded picture, strip by strip, in integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from viewer.codecs.vqvae2.features import Bytes, CodePlanes
from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.parallel import in_order, in_parts
from viewer.codecs.vqvae2.steps import base_step, pixel_factor
from viewer.networks.vqvae2_filter import BLOCK, CODE_CHANNELS, PICTURE_CHANNELS
from viewer.networks.vqvae2_inference import FilterInference
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, SUM_STEPS

HALO = 4
"""Blocks each side that a block's correction depends on: one a convolution."""
STRIP = 64
_SIGNED = PICTURE_CHANNELS + CODE_CHANNELS
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
    Tensor, int16, shape (20, h, w)
        In sixteenths, at most 255 in size.
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
    return values.to(torch.int16)


def features(
    blocks: Tensor,
    fine: NDArray[np.int16],
    coarse: NDArray[np.int16],
    step_index: int,
    network: FilterInference,
) -> Bytes:
    """What `FilterInference.corrections` takes: pixels, codes of level 1, codes of level 2."""
    channels = network.channels
    out = np.empty((*fine.shape[1:], len(channels)), np.uint8)
    picture = picture_features(blocks, step_index)
    planes = np.concatenate([_signs(fine), [finer(signs) for signs in _signs(coarse)]], axis=1)
    for start, pixels, codes in ((0, picture, planes[0]), (_SIGNED, picture.neg(), planes[1])):
        channels.put(out, start, pixels.clamp(min=0).to(torch.uint8).numpy())
        channels.put(out, start + PICTURE_CHANNELS, codes)
    return out


def _signs(codes: NDArray[np.int16]) -> Bytes:
    """Above and below zero, (2, n, h, w)."""
    planes = CodePlanes.of(codes)
    return np.stack([planes.above, planes.below])


def _strips(blocks: int) -> Iterator[tuple[int, int, int, int]]:
    """Rows of blocks to correct (start, end) and to look at (first, last); all even."""
    for start in range(0, blocks, STRIP):
        end = min(start + STRIP, blocks)
        yield start, end, max(start - HALO - 2, 0), min(end + HALO + 2, blocks)


@torch.inference_mode()
def corrections(
    network: FilterInference,
    picture: Tensor,
    codes: list[NDArray[np.int16]],
    step_index: int,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """What the filter would add to a picture, in 2**-11 of a step, float32 integers.

    Parameters
    ----------
    network : FilterInference
    picture : Tensor, float64, shape (h, w)
        In 2**-6 of a stored value; padded.
    codes : list of ndarray
        Of levels 1 and 2, on their grids.
    check : callable
        Called between strips; may raise to stop.
    """
    out = torch.empty(picture.shape, dtype=torch.float32)

    def correct(strip: tuple[int, int, int, int]) -> None:
        start, end, first, last = strip
        check()
        blocks = F.pixel_unshuffle(picture[None, BLOCK * first : BLOCK * last], BLOCK)
        seen = features(
            blocks,
            codes[0][:, first:last],
            codes[1][:, first // 2 : last // 2],
            step_index,
            network,
        )
        found = network.corrections(seen)[..., start - first : end - first, :]
        found = found.clamp_(-CORRECTION_LIMIT, CORRECTION_LIMIT)
        out[BLOCK * start : BLOCK * end] = F.pixel_shuffle(found, BLOCK)[0, 0]

    for _ in in_order(correct, _strips(picture.shape[0] // BLOCK)):
        pass
    return out


def apply(part: Tensor, correction: Tensor, strength: int, step_index: int) -> None:
    """Add ``strength / 16`` of the correction to a part of a picture, in place."""
    factor = base_step(step_index) * strength * 2.0**-23

    def add(top: int, end: int) -> None:
        change = correction[top:end].to(torch.float64).mul_(factor).add_(0.5).floor_()
        part[top:end].add_(change)

    if strength:
        in_parts(len(part), add, BLOCK * STRIP)

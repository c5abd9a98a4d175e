"""The restoration filter over a decoded picture, strip by strip, in integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2 import block_loops
from viewer.codecs.vqvae2.features import Bytes, Signs
from viewer.codecs.vqvae2.grid import finer
from viewer.codecs.vqvae2.parallel import in_order, in_parts
from viewer.codecs.vqvae2.steps import base_step, pixel_factor
from viewer.networks.vqvae2_exact import MIDDLE
from viewer.networks.vqvae2_filter import BLOCK, CODE_CHANNELS, PICTURE_CHANNELS
from viewer.networks.vqvae2_inference import FilterInference
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, SUM_STEPS

HALO = 4
"""Blocks each side that a block's correction depends on: one a convolution."""
STRIP = 128
_SIGNED = PICTURE_CHANNELS + CODE_CHANNELS
_FITS = ACTIVATION_MAX - MIDDLE
"""Largest value that a byte holds with its sign."""
CORRECTION_LIMIT = 2 * SUM_STEPS
"""Corrections are clamped to two steps."""


def picture_planes(picture: NDArray[np.float64], step_index: int) -> Bytes:
    """The 20 channels about pixels, in sixteenths, above and below zero.

    Parameters
    ----------
    picture : ndarray of float64, shape (4 h, 4 w)

    Returns
    -------
    ndarray of uint8, shape (2, 20, h, w)
    """
    rows, columns = picture.shape
    planes = np.empty((2, PICTURE_CHANNELS, rows // BLOCK, columns // BLOCK), np.uint8)
    factor, scale = map(float, pixel_factor(step_index))
    block_loops.features(picture, factor, scale, ACTIVATION_MAX, planes[0], planes[1])
    return planes


def features(
    picture: NDArray[np.float64],
    fine: Signs,
    coarse: Signs,
    step_index: int,
    network: FilterInference,
) -> Bytes:
    """What `FilterInference.corrections` takes: pixels, codes of level 1, codes of level 2.

    In one way or the other, whichever fits and is faster: the corrections are the same.

    Parameters
    ----------
    picture : ndarray of float64, shape (4 h, 4 w)
    """
    if network.signed_channels is not None:
        found = _with_signs(picture, fine, coarse, step_index)
        if found is not None:
            return network.signed_channels.beside(found)
    planes = np.empty((2, _SIGNED, *fine[0].shape[1:]), np.uint8)
    factor, scale = map(float, pixel_factor(step_index))
    pixels = planes[:, :PICTURE_CHANNELS]
    block_loops.features(picture, factor, scale, ACTIVATION_MAX, pixels[0], pixels[1])
    for to, ours, theirs in zip(planes, fine, coarse, strict=True):
        end = PICTURE_CHANNELS + len(ours)
        to[PICTURE_CHANNELS:end], to[end:] = ours, finer(theirs)
    return network.channels.beside(planes.reshape(2 * _SIGNED, *planes.shape[2:]))


def _with_signs(
    picture: NDArray[np.float64], fine: Signs, coarse: Signs, step_index: int
) -> Bytes | None:
    """All channels with their signs, more by `MIDDLE`; None where one does not fit."""
    if max(int(plane.max(initial=0)) for plane in (*fine, *coarse)) > _FITS:
        return None
    planes = np.empty((_SIGNED, *fine[0].shape[1:]), np.uint8)
    factor, scale = map(float, pixel_factor(step_index))
    pixels = planes[:PICTURE_CHANNELS]
    if not block_loops.signed_features(picture, factor, scale, _FITS, MIDDLE, pixels):
        return None
    end = PICTURE_CHANNELS + len(fine[0])
    planes[PICTURE_CHANNELS:end] = _joined(fine)
    planes[end:] = finer(_joined(coarse))
    return planes


def _joined(signs: Signs) -> Bytes:
    """What is above and what is below zero in one; bytes wrap around."""
    above, below = signs
    return above - below + np.uint8(MIDDLE)


def _rows(signs: Signs, first: int, last: int) -> Signs:
    above, below = signs
    return above[:, first:last], below[:, first:last]


def _strips(blocks: int) -> Iterator[tuple[int, int, int, int]]:
    """Rows of blocks to correct (start, end) and to look at (first, last); all even."""
    for start in range(0, blocks, STRIP):
        end = min(start + STRIP, blocks)
        yield start, end, max(start - HALO - 2, 0), min(end + HALO + 2, blocks)


@torch.inference_mode()
def corrections(
    network: FilterInference,
    picture: Tensor,
    signs: list[Signs],
    step_index: int,
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """What the filter would add to a picture, in 2**-11 of a step, float32 integers.

    Parameters
    ----------
    network : FilterInference
    picture : Tensor, float64, shape (h, w)
        In 2**-6 of a stored value; padded.
    signs : list of pairs of ndarray
        What codes of levels 1 and 2 are above and below zero, ``(12, h, w)`` on their grids.
    check : callable
        Called between strips; may raise to stop.
    """
    out = torch.empty(picture.shape, dtype=torch.float32)
    values, to = np.ascontiguousarray(picture.numpy()), out.numpy()

    def correct(strip: tuple[int, int, int, int]) -> None:
        start, end, first, last = strip
        check()
        seen = features(
            values[BLOCK * first : BLOCK * last],
            _rows(signs[0], first, last),
            _rows(signs[1], first // 2, last // 2),
            step_index,
            network,
        )
        found = network.corrections(seen)[..., start - first : end - first, :]
        block_loops.spread(found[0].numpy(), CORRECTION_LIMIT, to[BLOCK * start : BLOCK * end])

    for _ in in_order(correct, _strips(picture.shape[0] // BLOCK)):
        pass
    return out


def apply(part: Tensor, correction: Tensor, strength: int, step_index: int) -> None:
    """Add ``strength / 16`` of the correction to a part of a picture, in place."""
    factor = base_step(step_index) * strength * 2.0**-23

    def add(top: int, end: int) -> None:
        block_loops.add(part[top:end].numpy(), correction[top:end].numpy(), factor)

    if strength:
        in_parts(len(part), add, BLOCK * STRIP)

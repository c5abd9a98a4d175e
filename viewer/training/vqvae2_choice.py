"""Codes by dependent quantisation for training, from the prior's scales alone and fast."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.trellis import CLASSES, cheapest

LANE = 96
"""Shorter than the codec's, which is faster; codes differ little."""
_PER_OCTAVE = 8
_LOWEST, _HIGHEST = -6, 12
_REACH = 32


def half_width(codes: Tensor, quantisers: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and half width, in steps, of the values whose nearest code is this one."""
    size = codes.abs()
    halves = quantisers.to(codes.dtype)
    first = (size == 1).to(codes.dtype) * halves
    zero = (size == 0).to(codes.dtype) * halves
    middle = torch.sign(codes) * (size - 0.5 * halves + 0.125 * first)
    return middle, 0.5 - 0.125 * first - 0.25 * zero


def _bits() -> NDArray[np.float32]:
    """Bits of code 0 .. _REACH of both quantisers at each scale, mean 0: (2, scales, codes)."""
    scales = np.arange(_LOWEST * _PER_OCTAVE, _HIGHEST * _PER_OCTAVE + 1) / _PER_OCTAVE
    inverse = np.exp2(-scales)[:, None]
    out = np.empty((2, len(scales), _REACH + 1))
    code = np.arange(_REACH + 1)
    for quantiser in (0, 1):
        low = code - 0.5 if quantiser == 0 else np.where(code == 1, 0.25, code - 1.0)
        high = code + 0.5 if quantiser == 0 else np.where(code == 0, 0.25, 1.0 * code)
        # log of exp(-low / b) - exp(-high / b), then halved for its sign.
        gap = (high - low) * inverse
        out[quantiser] = low * inverse - np.log(-np.expm1(-gap)) + np.log(2)
        out[quantiser, :, 0] = -np.log(-np.expm1(-high[0] * inverse[:, 0]))
    return (out / np.log(2)).astype(np.float32)


_BITS = _bits()


@torch.no_grad()
def choose_dependent(values: Tensor, log_scale: Tensor, worth: Tensor) -> tuple[Tensor, Tensor]:
    """Codes and their quantisers by distortion + worth x bits.

    Parameters
    ----------
    values, log_scale : Tensor, shape (B, C, h, w)
        In steps; log2 of the Laplace scale.
    worth : Tensor, shape (B, 1, 1, 1)
        Squared steps a bit is worth.

    Returns
    -------
    tuple of Tensor
        Both of the shape and type of ``values``.
    """
    shape = values.shape
    flat = values.detach().cpu().numpy().ravel()
    size = np.abs(flat)
    index = np.rint(log_scale.detach().cpu().numpy().ravel() * _PER_OCTAVE).astype(np.int32)
    index -= _LOWEST * _PER_OCTAVE
    np.clip(index, 0, _BITS.shape[1] - 1, out=index)
    base = index * (_REACH + 1)
    price = worth.expand(shape).contiguous().cpu().numpy().ravel()
    costs = np.empty((CLASSES, flat.size), np.float32)
    codes = np.empty((CLASSES, flat.size), np.int32)
    inverse = np.exp2(-log_scale.detach().cpu().numpy().ravel())
    for quantiser in (0, 1):
        bits = _BITS[quantiser].ravel()
        for odd in (0, 1):
            kind = 2 * quantiser + odd
            code = np.floor((size + np.float32(0.5 * quantiser - odd)) * 0.5 + 0.5)
            code = np.maximum(2 * code + odd, odd)
            error = size - code + np.float32(0.5 * quantiser) * (code > 0)
            near = np.minimum(code, _REACH)
            took = bits[base + near.astype(np.int32)] + (code - near) * inverse * np.float32(1.4427)
            cost = error * error + price * took
            if not odd:
                zero = size * size + price * bits[base]
                lower = zero <= cost
                cost = np.where(lower, zero, cost)
                code = np.where(lower, 0, code)
            costs[kind], codes[kind] = cost, code
    kinds = cheapest(costs, LANE)
    chosen = np.take_along_axis(codes, kinds[None].astype(np.intp), 0)[0]
    signed = np.where(flat < 0, -chosen, chosen).astype(np.float32)
    quantisers = (kinds >> 1).astype(np.float32)
    device = values.device
    return (
        torch.from_numpy(signed).view(shape).to(device),
        torch.from_numpy(quantisers).view(shape).to(device),
    )

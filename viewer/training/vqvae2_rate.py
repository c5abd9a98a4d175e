"""Bits of a picture under a prior that is being trained, coded in closed loop as the codec does."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from viewer.codecs.vqvae2.steps import LEVELS
from viewer.networks.vqvae2_integer import ACTIVATION_MAX, ACTIVATION_STEPS, grid_relu
from viewer.networks.vqvae2_prior import (
    BAND_OF,
    GROUPS,
    LevelPrior,
    busyness,
    busyness_of_bands,
    code_features,
    compand,
    slope_features,
)
from viewer.networks.vqvae2_wavelet import analyse, from_grid, measure_norms, synthesise, to_grid
from viewer.training.vqvae2_choice import choose_dependent, half_width

WIDTHS = (32, 32, 64, 64)
"""Channels of the priors of levels 1, 2, 3 and of 4 and above: fine levels cost most."""
_FIRST_SCALES = (-2.0, -1.0, 1.0, 4.0)
_LOWS, _DETAILS = measure_norms(LEVELS)
_NORMS = [torch.tensor([d[b] for b in BAND_OF]).view(1, -1, 1, 1) for d in _DETAILS]
_CENTRE = 0.04


class PyramidPrior(nn.Module):
    """The priors of all levels."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.nets = nn.ModuleList(LevelPrior(width) for width in widths)
        for net, scale in zip(self.levels(), _FIRST_SCALES, strict=True):
            for out in net.out:
                assert isinstance(out, nn.Conv2d)
                assert out.bias is not None
                out.bias.data[: out.out_channels // 2] = scale

    def levels(self) -> list[LevelPrior]:
        """The priors, finest first."""
        return [net for net in self.nets if isinstance(net, LevelPrior)]

    def at(self, level: int) -> LevelPrior:
        """The prior of a level, 1 the finest."""
        return self.levels()[min(level, len(self.nets)) - 1]


def round_activations(prior: PyramidPrior, wanted: bool) -> None:
    """Whether hidden activations are rounded to their grid; early training is faster without."""
    for net in prior.levels():
        net.activate = grid_relu if wanted else _clamp


def _clamp(x: Tensor) -> Tensor:
    return F.hardtanh(x, 0.0, ACTIVATION_MAX / ACTIVATION_STEPS)


def laplace_bits(middle: Tensor, half: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """Bits of intervals under a Laplace law.

    Parameters
    ----------
    middle, half : Tensor
        Middle and half width of each interval, in steps.
    mean, log_scale : Tensor
        Where the law lies, and log2 of its scale.
    """
    inverse = torch.exp2(-log_scale)
    distance, wide = (middle - mean).abs(), half * inverse
    outside = -distance * inverse + torch.log(torch.sinh(wide.clamp(max=30)))
    near = torch.exp(-(wide - distance * inverse).clamp(min=0))
    inside = 1 - 0.5 * (near + torch.exp(-wide - distance * inverse))
    log = torch.where(distance > half, outside, torch.log(inside.clamp(min=1e-9)))
    return -log / math.log(2)


def _finer(grid: Tensor) -> Tensor:
    """Codes of each band on the next finer grid, ``(B, 12, r, c)`` to ``(B, 5, 2r, 2c)``."""
    bands = from_grid(grid)
    axes = (-2, -2, -1, -1)
    grown = [b.repeat_interleave(2, axis) for b, axis in zip(bands[:4], axes, strict=True)]
    return torch.cat([*grown, bands[4]], 1)


def _base_features(
    low: Tensor, parent: Tensor | None, grandparent: Tensor | None, rows: int, columns: int
) -> Tensor:
    count = low.shape[0]
    of_parent, of_grandparent = low.new_zeros(count, 15, rows, columns), None
    if parent is not None:
        codes = _finer(parent)
        of_parent = torch.cat([code_features(codes), busyness(codes)], 1)
    if grandparent is not None:
        size = compand(_finer(grandparent)).abs()
        of_grandparent = size.repeat_interleave(2, -1).repeat_interleave(2, -2)
    else:
        of_grandparent = low.new_zeros(count, 5, rows, columns)
    return torch.cat([slope_features(low), of_parent, of_grandparent], 1)


def _context(seen: list[Tensor], group: int) -> Tensor | None:
    if not seen:
        return None
    codes = torch.cat(seen, 1)
    channels = [c for g in GROUPS[:group] for c in g]
    return torch.cat([code_features(codes), busyness_of_bands(codes, channels, group)], 1)


def code_picture(
    prior: PyramidPrior, picture: Tensor, step: Tensor, worth: Tensor, skip: int = 0
) -> tuple[Tensor, Tensor]:
    """Bits of each level, with gradient, and the decoded picture, without.

    Parameters
    ----------
    picture : Tensor, shape (B, 1, H, W)
        Grey levels; with ``skip`` the low band of that level.
    step, worth : Tensor, shape (B, 1, 1, 1)
        Quantiser step, and what a bit is worth in squared steps.
    skip : int
        Finest levels left out.

    Returns
    -------
    tuple of Tensor
        ``(B, LEVELS - skip)`` bits, coarsest first, and the picture.
    """
    with torch.no_grad():
        low, grids = picture, []
        for _ in range(skip, LEVELS):
            low, details = analyse(low)
            grids.append(to_grid(details))
        lowest = step / _LOWS[LEVELS - 1]
        low = torch.floor(low / lowest + 0.5) * lowest
    parent = grandparent = None
    bits = []
    for level in range(LEVELS, skip, -1):
        net, norms = prior.at(level), _NORMS[level - 1].to(step)
        with torch.no_grad():
            values = grids.pop() * norms / step
            slopes = low * (_LOWS[level - 1] / step)
            features = _base_features(slopes, parent, grandparent, *values.shape[-2:])
        base = net.base(features)
        codes, halves = torch.zeros_like(values), torch.zeros_like(values)
        total = values.new_zeros(len(values))
        seen: list[Tensor] = []
        for group, channels in enumerate(GROUPS):
            context = _context(seen, group)
            log_scale, mean = net.group(group, base, context)
            chosen, quantisers = choose_dependent(values[:, channels], log_scale, worth)
            seen.append(chosen)
            codes[:, channels], halves[:, channels] = chosen, quantisers
            interval = half_width(chosen, quantisers)
            total = total + laplace_bits(*interval, mean, log_scale).sum((1, 2, 3))
        bits.append(total)
        with torch.no_grad():
            middle = torch.sign(codes) * (codes.abs() - 0.5 * halves - _CENTRE)
            low = synthesise(low, from_grid(middle * step / norms))
            grandparent, parent = parent, codes
    return torch.stack(bits, 1), low

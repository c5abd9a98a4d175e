"""The learned prior of the `vqvae2` codec: scale and mean of every code, coarse to fine.

One `LevelPrior` a wavelet level. It sees what the decoder knows already (the picture decoded from
the coarser levels, the codes of the two coarser levels) and then, in five groups, the codes of
this level: the smoother halves of HL and LH at even places, at odd places, their other halves,
and HH on the two colours of a checkerboard. Everything it sees is measured in quantiser steps, so
one set of weights serves every quality and bit depth.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from viewer.networks.vqvae2_integer import ACTIVATION_MAX, ACTIVATION_STEPS, GridConv, grid_relu

GROUPS = ((0, 4), (1, 5), (2, 3, 6, 7), (8, 11), (9, 10))
"""Channels (of `viewer.networks.vqvae2_wavelet.to_grid`) that are coded together, in order."""
BAND_OF = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4)
"""The band each channel belongs to."""
BASE_CHANNELS = 31


class LevelPrior(nn.Module):
    """Prior of one level.

    Parameters
    ----------
    width : int
        Channels inside.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.activate: Callable[[Tensor], Tensor] = grid_relu
        self.base1 = GridConv(BASE_CHANNELS, width, 3)
        self.base2 = GridConv(width, width, 3)
        self.mix = nn.ModuleList(GridConv(width, width, 1) for _ in GROUPS)
        seen = [2 * sum(len(g) for g in GROUPS[:i]) for i in range(len(GROUPS))]
        self.context = nn.ModuleList(
            GridConv(n, width, 3, bias=False) if n else nn.Identity() for n in seen
        )
        self.hidden = nn.ModuleList(GridConv(width, width, 1) for _ in GROUPS)
        self.out = nn.ModuleList(GridConv(width, 2 * len(g), 1) for g in GROUPS)
        for out in self.out:
            assert isinstance(out, GridConv)
            assert out.bias is not None
            nn.init.uniform_(out.weight, -0.05, 0.05)
            nn.init.constant_(out.bias, -1.0)
            nn.init.zeros_(out.bias[out.out_channels // 2 :])

    def base(self, features: Tensor) -> Tensor:
        """What the coarser levels say: ``(B, 31, h, w)`` features to ``(B, width, h, w)``."""
        return self.activate(self.base2(self.activate(self.base1(features))))

    def group(self, index: int, base: Tensor, seen: Tensor | None) -> tuple[Tensor, Tensor]:
        """Log2 scale and mean, in quantiser steps, of the codes of group ``index``.

        Parameters
        ----------
        index : int
            0 .. 4.
        base : Tensor
            The output of `base`.
        seen : Tensor or None
            `code_features` of the groups before, None for the first.

        Returns
        -------
        tuple of Tensor
            Each ``(B, len(GROUPS[index]), h, w)``.
        """
        x = self.mix[index](base)
        if seen is not None:
            x = x + self.context[index](seen)
        y = self.out[index](self.activate(self.hidden[index](self.activate(x))))
        scale, mean = y.chunk(2, 1)
        return scale, mean


def compand(value: Tensor) -> Tensor:
    """Signed ``log2(1 + |value|)`` on the activation grid."""
    steps = torch.floor(torch.log2(1 + value.abs()) * ACTIVATION_STEPS + 0.5)
    return torch.sign(value) * steps.clamp_(max=ACTIVATION_MAX) / ACTIVATION_STEPS


def code_features(codes: Tensor) -> Tensor:
    """Companded codes and their magnitudes, ``(B, n, h, w)`` to ``(B, 2n, h, w)``."""
    c = compand(codes)
    return torch.cat([c, c.abs()], 1)


def space_to_depth(x: Tensor) -> Tensor:
    """``(B, n, 2h, 2w)`` to ``(B, 4n, h, w)``: the four phases of each channel side by side."""
    return nn.functional.pixel_unshuffle(x, 2)


def slope_features(low: Tensor) -> Tensor:
    """Differences of the coarser picture, in quantiser steps, ``(B, 1, 2h, 2w)`` to 16 channels."""
    dx = torch.zeros_like(low)
    dy = torch.zeros_like(low)
    dx[..., :-1] = low[..., 1:] - low[..., :-1]
    dy[..., :-1, :] = low[..., 1:, :] - low[..., :-1, :]
    c = compand(torch.floor(space_to_depth(torch.cat([dx, dy], 1)) * 8 + 0.5) / 8)
    return torch.cat([c, c.abs()], 1)

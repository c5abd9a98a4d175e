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
BASE_CHANNELS = 36
BUSY_BANDS = ((), (0, 2), (0, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4))
"""Bands of this level of which each group sees how busy they are around, from earlier groups."""
BUSY_WINDOW = 8
BUSY_LIMIT = 255


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
        seen = [
            2 * sum(len(g) for g in GROUPS[:i]) + len(BUSY_BANDS[i]) for i in range(len(GROUPS))
        ]
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
        """What the coarser levels say: ``(B, 36, h, w)`` features to ``(B, width, h, w)``."""
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
            `code_features` of the groups before, then `busyness` of `BUSY_BANDS`; None for the
            first.

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


def window_sums(sizes: Tensor) -> Tensor:
    """Sums over 8x8 windows (4 cells before, 3 after, zeros outside), exact for small integers."""
    before, after = BUSY_WINDOW // 2, BUSY_WINDOW // 2 - 1
    rows = nn.functional.avg_pool2d(
        nn.functional.pad(sizes, (0, 0, before, after)), (BUSY_WINDOW, 1), stride=1
    )
    both = nn.functional.avg_pool2d(
        nn.functional.pad(rows, (before, after, 0, 0)), (1, BUSY_WINDOW), stride=1
    )
    return both * float(BUSY_WINDOW * BUSY_WINDOW)


def busyness(codes: Tensor) -> Tensor:
    """Companded sums of the codes' sizes around each cell, ``(B, n, h, w)`` to the same shape."""
    return compand(window_sums(codes.abs().clamp(max=BUSY_LIMIT)) / 8)


def busyness_of_bands(codes: Tensor, channels: list[int], group: int) -> Tensor:
    """`busyness` of the bands group ``group`` looks at, from the channels decoded so far.

    Parameters
    ----------
    codes : Tensor, shape (B, len(channels), h, w)
    channels : list of int
        Which channels of the grid they are.
    group : int
        1 .. 4.
    """
    sizes = codes.abs().clamp(max=BUSY_LIMIT)
    sums = [
        sizes[:, [i for i, c in enumerate(channels) if BAND_OF[c] == band]].sum(1, keepdim=True)
        for band in BUSY_BANDS[group]
    ]
    return compand(window_sums(torch.cat(sums, 1)) / 8)

"""What the cells of a guided decoder read beside the signs: the picture as the patterns leave it.

The signs of each pass mean something else, since each pass has filters and patterns of its own.
Cells that are the same in every pass cannot know what; the picture that the patterns make of the
signs means the same in all of them.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from viewer.networks.recurrent_shape import BLOCK

PLANES = 4
"""Maps of the size of the picture that a guide has, see :func:`guide_planes`."""

QUARTER, HALF = 4, 2
"""Sides of the pixels that one place of the third and of the fourth cell stands for."""

_MOST_READ = 8.0
_DETAIL = 4.0
_LOG_MIDDLE, _LOG_SPAN = 3.0, 3.0


def guide_planes(seen: Tensor, change: Tensor, gain: Tensor) -> Tensor:
    """Return what there is to see before the cells of a pass answer.

    Parameters
    ----------
    seen : Tensor, (N, 1, H, W)
        The picture with what the pass's patterns added, in -0.5 .. 0.5 or a little beyond.
    change : Tensor, (N, 1, H, W)
        What they added.
    gain : Tensor
        Of the pass, everywhere: a number or (N, 1, H, W).

    Returns
    -------
    Tensor, (N, PLANES, H, W)
        The change in units of the gain, the difference of each pixel to those around in the same
        unit, the picture, and the logarithm of the gain; all of them about as large as one.
    """
    around = F.avg_pool2d(F.pad(seen, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    planes = (
        (change * gain).clamp(-_MOST_READ, _MOST_READ),
        _DETAIL * torch.tanh((seen - around) * gain / _DETAIL),
        2 * seen,
        ((gain.log() - _LOG_MIDDLE) / _LOG_SPAN).expand_as(seen),
    )
    return torch.cat(planes, 1)


class Guide(nn.Module):
    """The planes at the scales of the cells.

    Parameters
    ----------
    channels : int
        What the third cell gets of them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.quarter = nn.Conv2d(PLANES * QUARTER * QUARTER, channels, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what is read beside the signs, by the third cell, and by the fourth."""
        blocks = F.pixel_unshuffle(planes[:, :1], BLOCK)
        return (
            blocks,
            self.quarter(F.pixel_unshuffle(planes, QUARTER)),
            F.pixel_unshuffle(planes, HALF),
        )

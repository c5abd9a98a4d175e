"""The learned last part of the decoder: restores what quantising took, in integers."""

from __future__ import annotations

from torch import Tensor, nn

from viewer.networks.vqvae2_integer import GridConv, grid_relu

PICTURE_CHANNELS = 20
CODE_CHANNELS = 17
BLOCK = 4


class RestorationFilter(nn.Module):
    """Four convolutions on a quarter-resolution grid.

    Parameters
    ----------
    width : int
        Channels inside.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.first = GridConv(PICTURE_CHANNELS + CODE_CHANNELS, width, 3)
        self.second = GridConv(width, width, 3)
        self.third = GridConv(width, width, 3)
        self.last = GridConv(width, BLOCK * BLOCK, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Correction of each pixel of a 4x4 block, in quantiser steps.

        Parameters
        ----------
        features : Tensor, shape (B, 37, h, w)
            16 pixels less their block's mean, 4 differences of block means, 12 + 5
            companded codes of levels 1 and 2.

        Returns
        -------
        Tensor, shape (B, 16, h, w)
        """
        x = grid_relu(self.first(features))
        x = grid_relu(self.second(x))
        x = grid_relu(self.third(x))
        return self.last(x)  # type: ignore[no-any-return]

"""PSPNet, the check on HRNet (Zhao et al., CVPR 2017): dilated residual blocks, then pooling over
the whole picture, its halves, thirds and sixths, joined with the features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from viewer.networks.hrnet import convolution

POOLS = (1, 2, 3, 6)


@dataclass(frozen=True)
class PSPNetShape:
    """Channels, and residual blocks at each dilation."""

    width: int = 24
    dilations: tuple[int, ...] = (1, 1, 2, 4)


class DilatedBlock(nn.Module):
    """Two 3 x 3 convolutions apart by ``dilation`` and the input added."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, dilation, dilation, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, dilation, dilation, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Same shape out."""
        return F.relu(inputs + self.body(inputs))


class PSPNet(nn.Module):
    """Grey picture in, class scores of the same size out."""

    def __init__(self, shape: PSPNetShape, classes: int, inputs: int = 1) -> None:
        super().__init__()
        width, part = shape.width, max(1, shape.width // len(POOLS))
        self.stem = nn.Sequential(
            convolution(inputs, width // 2),
            nn.ReLU(),
            convolution(width // 2, width, 3, 2),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(DilatedBlock(width, step) for step in shape.dilations))
        # A pool of one value a picture has no spread over a batch of one: no normalisation here.
        self.pools = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Conv2d(width, part, 1), nn.ReLU())
            for side in POOLS
        )
        self.join = nn.Sequential(convolution(width + part * len(POOLS), width), nn.ReLU())
        self.classes = nn.Conv2d(width, classes, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Scores (batch, classes, rows, columns) of a picture (batch, inputs, rows, columns)."""
        features = self.blocks(self.stem(picture))
        joined = [features]
        for pool in self.pools:
            joined.append(
                F.interpolate(
                    pool(features), features.shape[-2:], mode="bilinear", align_corners=False
                )
            )
        scores = self.classes(self.join(torch.cat(joined, dim=1)))
        return F.interpolate(scores, picture.shape[-2:], mode="bilinear", align_corners=False)

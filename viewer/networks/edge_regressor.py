"""Where the edge sampler would look, without labels (Marin et al., ICCV 2019).

Two small U-Nets, one behind the other, see the picture at 32 x 32 and give the offsets of 8 x 8
nodes from the uniform grid; they learn by squared error from grids of least energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from viewer.networks.hrnet import convolution

INPUT_SIDE = 32


@dataclass(frozen=True)
class EdgeRegressorShape:
    """Channels at full resolution, and nodes of the grid a side."""

    width: int = 16
    nodes: int = 8


class UNet(nn.Module):
    """Down twice, up twice, with the features of the same size joined."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(convolution(inputs, width), nn.ReLU())
        self.second = nn.Sequential(convolution(width, 2 * width, 3, 2), nn.ReLU())
        self.third = nn.Sequential(convolution(2 * width, 4 * width, 3, 2), nn.ReLU())
        self.rise = nn.Sequential(convolution(6 * width, 2 * width), nn.ReLU())
        self.last = nn.Sequential(convolution(3 * width, width), nn.ReLU())

    def forward(self, picture: Tensor) -> Tensor:
        """``width`` channels of the same size."""
        first = self.first(picture)
        second = self.second(first)
        third = self.third(second)
        rise = F.interpolate(third, second.shape[-2:], mode="bilinear", align_corners=False)
        rise = self.rise(torch.cat([rise, second], dim=1))
        last = F.interpolate(rise, first.shape[-2:], mode="bilinear", align_corners=False)
        out: Tensor = self.last(torch.cat([last, first], dim=1))
        return out


class EdgeRegressor(nn.Module):
    """Low-resolution picture in, offsets (batch, nodes, nodes, 2) out."""

    def __init__(self, shape: EdgeRegressorShape, inputs: int = 1) -> None:
        super().__init__()
        self.nodes = shape.nodes
        self.first = UNet(inputs, shape.width)
        self.second = UNet(inputs + shape.width, shape.width)
        self.offsets = nn.Conv2d(shape.width, 2, 1)
        nn.init.zeros_(self.offsets.weight)
        nn.init.zeros_(self.offsets.bias)  # type: ignore[arg-type]

    def forward(self, picture: Tensor) -> Tensor:
        """Offsets in shares of the picture's width and height."""
        small = F.adaptive_avg_pool2d(picture, INPUT_SIDE)
        features = self.second(torch.cat([small, self.first(small)], dim=1))
        offsets: Tensor = F.adaptive_avg_pool2d(self.offsets(features), self.nodes)
        return offsets.permute(0, 2, 3, 1)

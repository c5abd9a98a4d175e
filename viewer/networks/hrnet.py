"""HRNetV2 for segmentation, with its width as a parameter (Wang et al., 2020, arXiv 1908.07919).

Branches at full, half, quarter and eighth resolution run side by side and exchange what they know
after every module. There is no downsampling at the start: the pictures are small already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BRANCHES = 4


@dataclass(frozen=True)
class HRNetShape:
    """Width and depth of the network.

    Attributes
    ----------
    width
        Channels at full resolution; each branch below has twice as many: 48 and 18 are published.
    modules
        Exchanges in the stages of two, three and four branches.
    blocks
        Residual blocks of a branch between two exchanges.
    stem, first_blocks, expansion
        Channels of the first convolutions, bottlenecks of the first stage, and the ratio of their
        outer to their inner channels.
    head
        Channels of the layer before the classes; 0 takes as many as all branches have together.
    """

    width: int = 48
    modules: tuple[int, int, int] = (1, 4, 3)
    blocks: int = 4
    stem: int = 64
    first_blocks: int = 4
    expansion: int = 4
    head: int = 0


SHAPES = {
    "hrnet48": HRNetShape(),
    "hrnet18": HRNetShape(width=18),
    "small": HRNetShape(6, (1, 1, 1), 1, 8, 1, 1, 24),
}


def convolution(inputs: int, outputs: int, side: int = 3, stride: int = 1) -> nn.Sequential:
    """Return convolution and batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False), nn.BatchNorm2d(outputs)
    )


class Block(nn.Module):
    """Two convolutions 3 x 3 and the input added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)

    def forward(self, inputs: Tensor) -> Tensor:
        """Same shape out."""
        return F.relu(inputs + self.second(F.relu(self.first(inputs))))


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3, 1 x 1 and the input added."""

    def __init__(self, inputs: int, inner: int, expansion: int) -> None:
        super().__init__()
        outputs = inner * expansion
        self.body = nn.Sequential(
            convolution(inputs, inner, 1),
            nn.ReLU(),
            convolution(inner, inner),
            nn.ReLU(),
            convolution(inner, outputs, 1),
        )
        same = inputs == outputs
        self.across = nn.Identity() if same else convolution(inputs, outputs, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Expanded channels out."""
        return F.relu(self.across(inputs) + self.body(inputs))


class Exchange(nn.Module):
    """Residual blocks in each branch, then every branch added to every other."""

    def __init__(self, channels: Sequence[int], blocks: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(Block(count) for _ in range(blocks))) for count in channels
        )
        self.paths = nn.ModuleList(
            nn.ModuleList(_path(channels, source, goal) for source in range(len(channels)))
            for goal in range(len(channels))
        )

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """One tensor a branch, in and out."""
        features = [branch(x) for branch, x in zip(self.branches, features, strict=True)]
        mixed = []
        for goal, paths in enumerate(self.paths):
            total = features[goal]
            assert isinstance(paths, nn.ModuleList)
            for source, path in enumerate(paths):
                if source != goal:
                    total = total + _as_large(path(features[source]), features[goal])
            mixed.append(F.relu(total))
        return mixed


class HRNet(nn.Module):
    """Grey picture in, class scores of the same size out."""

    def __init__(self, shape: HRNetShape, classes: int, inputs: int = 1) -> None:
        super().__init__()
        widths = [shape.width << branch for branch in range(BRANCHES)]
        self.stem = nn.Sequential(
            convolution(inputs, shape.stem),
            nn.ReLU(),
            convolution(shape.stem, shape.stem),
            nn.ReLU(),
        )
        outer = shape.stem * shape.expansion
        self.first = nn.Sequential(
            *(
                Bottleneck(outer if number else shape.stem, shape.stem, shape.expansion)
                for number in range(shape.first_blocks)
            )
        )
        self.enter = nn.Sequential(convolution(outer, widths[0]), nn.ReLU())
        self.begin = nn.ModuleList(
            nn.Sequential(
                convolution(outer if n == 1 else widths[n - 1], widths[n], 3, 2), nn.ReLU()
            )
            for n in range(1, BRANCHES)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(Exchange(widths[: n + 2], shape.blocks) for _ in range(count)))
            for n, count in enumerate(shape.modules)
        )
        head = shape.head or sum(widths)
        # One 1 x 1 convolution over all branches enlarged and joined, computed branch by branch
        # before enlarging: both are linear and the order does not matter.
        self.join = nn.ModuleList(nn.Conv2d(width, head, 1, bias=False) for width in widths)
        self.normal = nn.BatchNorm2d(head)
        self.classes = nn.Conv2d(head, classes, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Scores (batch, classes, rows, columns) of a picture (batch, inputs, rows, columns)."""
        before = self.first(self.stem(picture))
        features = [self.enter(before)]
        for begin, stage in zip(self.begin, self.stages, strict=True):
            features = stage([*features, begin(before)])
            before = features[-1]
        joined = torch.zeros((), device=picture.device)
        for join, feature in zip(self.join, features, strict=True):
            joined = joined + _as_large(join(feature), features[0])
        scores: Tensor = self.classes(F.relu(self.normal(joined)))
        return scores


def _path(channels: Sequence[int], source: int, goal: int) -> nn.Module:
    if source == goal:
        return nn.Identity()
    if source > goal:
        return convolution(channels[source], channels[goal], 1)
    steps: list[nn.Module] = []
    for step in range(goal - source):
        last = step == goal - source - 1
        steps.append(convolution(channels[source], channels[goal if last else source], 3, 2))
        if not last:
            steps.append(nn.ReLU())
    return nn.Sequential(*steps)


def _as_large(features: Tensor, goal: Tensor) -> Tensor:
    if features.shape[-2:] == goal.shape[-2:]:
        return features
    return F.interpolate(features, goal.shape[-2:], mode="bilinear", align_corners=False)

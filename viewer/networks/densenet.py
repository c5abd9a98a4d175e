"""DenseNet (Huang et al., CVPR 2017), as a classifier of radiographs and of codec latents.

DenseNet-121 in the form that ImageNet made customary: a 7x7 convolution of stride 2, max pooling,
four dense blocks of bottleneck layers, transitions that halve channels and sides, global mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

InputKind = Literal["original", "reconstructed", "latent"]


@dataclass(frozen=True)
class DenseShape:
    """Size of a DenseNet.

    Attributes
    ----------
    growth
        Channels that a layer adds.
    blocks
        Layers in each dense block.
    first
        Channels after the first convolution.
    bottleneck
        Channels of a layer's 1x1 convolution, in units of the growth.
    """

    growth: int = 32
    blocks: tuple[int, ...] = (6, 12, 24, 16)
    first: int = 64
    bottleneck: int = 4


DENSENET_121 = DenseShape()
REDUCED = DenseShape(growth=12, blocks=(3, 6, 8, 6), first=24)
"""For training on a processor within minutes."""


class DenseLayer(nn.Module):
    """Norm, ReLU, 1x1, norm, ReLU, 3x3; its output is put beside its input."""

    def __init__(self, inputs: int, shape: DenseShape) -> None:
        super().__init__()
        inner = shape.bottleneck * shape.growth
        self.norm_1 = nn.BatchNorm2d(inputs)
        self.squeeze = nn.Conv2d(inputs, inner, 1, bias=False)
        self.norm_2 = nn.BatchNorm2d(inner)
        self.grow = nn.Conv2d(inner, shape.growth, 3, padding=1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + growth, H, W)."""
        x = self.squeeze(functional.relu(self.norm_1(features)))
        x = self.grow(functional.relu(self.norm_2(x)))
        return torch.cat([features, x], 1)


class Transition(nn.Module):
    """Norm, ReLU, 1x1 to half the channels, 2x2 mean."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.squeeze = nn.Conv2d(inputs, inputs // 2, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C / 2, H / 2, W / 2)."""
        return functional.avg_pool2d(self.squeeze(functional.relu(self.norm(features))), 2)


class DenseNet(nn.Module):
    """Three channels in, a logit a class out.

    Parameters
    ----------
    classes : int
    shape : DenseShape
    """

    def __init__(self, classes: int, shape: DenseShape = DENSENET_121) -> None:
        super().__init__()
        channels = shape.first
        self.stem = nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False)
        self.stem_norm = nn.BatchNorm2d(channels)
        stages: list[nn.Module] = []
        for number, layers in enumerate(shape.blocks):
            for _ in range(layers):
                stages.append(DenseLayer(channels, shape))
                channels += shape.growth
            if number + 1 < len(shape.blocks):
                stages.append(Transition(channels))
                channels //= 2
        self.stages = nn.Sequential(*stages)
        self.last_norm = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W), sides of 32 at least, to logits (N, classes)."""
        x = functional.relu(self.stem_norm(self.stem(pictures)))
        x = functional.max_pool2d(x, 3, stride=2, padding=1)
        x = functional.relu(self.last_norm(self.stages(x)))
        return self.head(x.mean((2, 3)))


class LatentFront(nn.Module):
    """Transposed convolutions that bring both levels of a VQ-VAE-2 to three channels.

    The top latents, at an eighth of the picture, go through one of stride 2, the bottom latents, at
    a quarter, through one of stride 1; their sum is what a DenseNet sees.
    """

    def __init__(self, top: int, bottom: int) -> None:
        super().__init__()
        self.top = nn.ConvTranspose2d(top, 3, 4, stride=2, padding=1)
        self.bottom = nn.ConvTranspose2d(bottom, 3, 1)

    def forward(self, top: Tensor, bottom: Tensor) -> Tensor:
        """(N, top, h, w) and (N, bottom, 2h, 2w) to (N, 3, 2h, 2w)."""
        mixed: Tensor = self.top(top) + self.bottom(bottom)
        return mixed


class Classifier(nn.Module):
    """A DenseNet, with the latent front where it looks at latents.

    Parameters
    ----------
    kind : {"original", "reconstructed", "latent"}
    classes : int
    shape : DenseShape
    latents : (int, int)
        Components of a top and of a bottom latent.
    """

    def __init__(
        self,
        kind: InputKind,
        classes: int,
        shape: DenseShape = DENSENET_121,
        latents: tuple[int, int] = (16, 16),
    ) -> None:
        super().__init__()
        self.kind = kind
        self.front = LatentFront(*latents) if kind == "latent" else None
        self.network = DenseNet(classes, shape)

    def forward(self, *inputs: Tensor) -> Tensor:
        """One grey picture (N, 1, H, W), or top and bottom latents, to logits (N, classes)."""
        if self.front is not None:
            logits: Tensor = self.network(self.front(*inputs))
        else:
            logits = self.network(inputs[0].expand(-1, 3, -1, -1))
        return logits


def example_inputs(
    kind: InputKind, side: int, latents: tuple[int, int] = (16, 16), device: str = "cpu"
) -> tuple[Tensor, ...]:
    """Return empty inputs for pictures of side x side, for counting.

    Latents are at an eighth and a quarter of the side.
    """
    if kind == "latent":
        top, bottom = latents
        return (
            torch.empty(1, top, side // 8, side // 8, device=device),
            torch.empty(1, bottom, side // 4, side // 4, device=device),
        )
    return (torch.empty(1, 1, side, side, device=device),)

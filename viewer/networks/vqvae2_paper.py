"""Two-level VQ-VAE-2 in the form of Kwon et al. (2020).

The bottom encoder has two 4x4 convolutions of stride 2 and padding 1, a 3x3 convolution and
residual blocks; the top
encoder has one more 4x4 convolution of stride 2.  The decoded top codes are concatenated with the
bottom features
before the bottom quantiser, and the decoder mirrors the encoder with 4x4 transposed convolutions of
stride 2 (Razavi et
al., NeurIPS 2019, figure 2a).  Every convolution pads by replication: radiographs often carry a
one-pixel dark frame,
and zeros beside it would look like one where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from viewer.networks.vector_quantiser import GroupedQuantiser, Quantised

INPUT_GAIN = 32.0
"""Input pixels in 0 .. 1 are mapped to (x - 0.5) * INPUT_GAIN."""

STRIDE = 8
"""Pixels to a top code, each way."""

BOTTOM_STRIDE = 4
"""Pixels to a bottom code, each way."""


@dataclass(frozen=True)
class PaperShape:
    """Widths and codebook sizes of a :class:`PaperNetwork`; kept in the metadata of its weights."""

    channels: int = 96
    half_channels: int = 48
    top_channels: int = 96
    hidden: int = 48
    encoder_blocks: int = 2
    top_blocks: int = 2
    decoder_blocks: int = 4
    upsampled: int = 32
    top_codewords: tuple[int, ...] = (512, 1024, 1024)
    top_groups: tuple[int, ...] = (1, 4, 11)
    bottom_codewords: tuple[int, ...] = (512, 1024, 1024, 1024)
    bottom_groups: tuple[int, ...] = (2, 3, 4, 7)

    @property
    def top_dimensions(self) -> int:
        """Components of a top latent."""
        return sum(self.top_groups)

    @property
    def bottom_dimensions(self) -> int:
        """Components of a bottom latent."""
        return sum(self.bottom_groups)


class ReplicatedConvTranspose(nn.ConvTranspose2d):
    """4x4 transposed convolution of stride 2 whose input is replicated beyond its border.

    A plain transposed convolution treats what lies outside as zero, so that border pixels miss a
    contribution.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, stride=2, padding=3)

    def forward(self, latents: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Double both sides of (N, C, H, W)."""
        return super().forward(functional.pad(latents, (1, 1, 1, 1), mode="replicate"), output_size)


class ResidualBlock(nn.Module):
    """ReLU, 3x3, ReLU, 1x1 beside the identity, which stays in float32."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.widen = _convolution(channels, hidden, 3)
        self.project = nn.Conv2d(hidden, channels, 1)

    def forward(self, features: Tensor, low_precision: bool = False) -> Tensor:
        """Refine (N, C, H, W)."""
        with torch.autocast(features.device.type, torch.bfloat16, enabled=low_precision):
            change = self.project(functional.relu(self.widen(functional.relu(features))))
        return features + change.float()


class ResidualStack(nn.Module):
    """Residual blocks and a closing ReLU."""

    def __init__(self, channels: int, hidden: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(channels, hidden) for _ in range(blocks))

    def forward(self, features: Tensor, low_precision: bool = False) -> Tensor:
        """Refine (N, C, H, W)."""
        for block in self.blocks:
            features = block(features, low_precision)
        return functional.relu(features)


@dataclass(frozen=True)
class PaperOutput:
    """Reconstruction in 0 .. 1, not clipped, shape (N, 1, H, W), and both levels' codes."""

    pixels: Tensor
    top: Quantised
    bottom: Quantised


class PaperNetwork(nn.Module):
    """Two-level VQ-VAE-2 for one-channel pictures whose sides are multiples of 8."""

    def __init__(self, shape: PaperShape | None = None) -> None:
        super().__init__()
        self.shape = s = shape or PaperShape()
        self.low_precision = False
        self.reduce_1 = _convolution(1, s.half_channels, 4)
        self.reduce_2 = _convolution(s.half_channels, s.channels, 4)
        self.encode_mix = _convolution(s.channels, s.channels, 3)
        self.encode_blocks = ResidualStack(s.channels, s.hidden, s.encoder_blocks)
        self.top_reduce = _convolution(s.channels, s.top_channels, 4)
        self.top_mix = _convolution(s.top_channels, s.top_channels, 3)
        self.top_encode_blocks = ResidualStack(s.top_channels, s.hidden, s.top_blocks)
        self.top_latents = nn.Conv2d(s.top_channels, s.top_dimensions, 1)
        self.top_quantiser = GroupedQuantiser(s.top_codewords, s.top_groups)
        self.top_expand = _convolution(s.top_dimensions, s.top_channels, 3)
        self.top_decode_blocks = ResidualStack(s.top_channels, s.hidden, s.top_blocks)
        self.top_up = ReplicatedConvTranspose(s.top_channels, s.upsampled)
        self.bottom_latents = nn.Conv2d(s.channels + s.upsampled, s.bottom_dimensions, 1)
        self.bottom_quantiser = GroupedQuantiser(s.bottom_codewords, s.bottom_groups)
        self.decode_mix = _convolution(s.bottom_dimensions + s.upsampled, s.channels, 3)
        self.decode_blocks = ResidualStack(s.channels, s.hidden, s.decoder_blocks)
        self.expand_2 = ReplicatedConvTranspose(s.channels, s.half_channels)
        self.expand_1 = ReplicatedConvTranspose(s.half_channels, 1)

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, C, H/4, W/4) and top latents (N, Dt, H/8, W/8) of pixels in 0 .. 1."""
        x = functional.relu(self.reduce_1((pixels - 0.5) * INPUT_GAIN))
        x = functional.relu(self.reduce_2(x))
        bottom = self.encode_blocks(self.encode_mix(x), self.low_precision)
        x = functional.relu(self.top_reduce(bottom))
        x = self.top_encode_blocks(self.top_mix(x), self.low_precision)
        return bottom, self.top_latents(x)

    def decode_top(self, top: Tensor) -> Tensor:
        """Prediction of the bottom level (N, U, H/4, W/4) from top codewords (N, Dt, H/8, W/8)."""
        x = self.top_decode_blocks(self.top_expand(top), self.low_precision)
        return self.top_up(x)

    def condition(self, predicted: Tensor, features: Tensor) -> Tensor:
        """Bottom latents (N, Db, H/4, W/4): the features as seen beside the decoded top."""
        return self.bottom_latents(torch.cat((predicted, features), 1))

    def feature_part(self, features: Tensor) -> Tensor:
        """What the features add to the bottom latents, (N, Db, H/4, W/4): less to keep."""
        weight = self.bottom_latents.weight[:, self.shape.upsampled :]
        return functional.conv2d(features, weight, self.bottom_latents.bias)

    def predicted_part(self, predicted: Tensor) -> Tensor:
        """What the decoded top adds to the bottom latents; both parts make :meth:`condition`."""
        return functional.conv2d(predicted, self.bottom_latents.weight[:, : self.shape.upsampled])

    def decode_bottom(self, predicted: Tensor, bottom: Tensor) -> Tensor:
        """Pixels (N, 1, H, W) in 0 .. 1, not clipped, from the decoded top and bottom codewords."""
        x = self.decode_mix(torch.cat((predicted, bottom), 1))
        x = self.decode_blocks(x, self.low_precision)
        x = functional.relu(self.expand_2(x))
        return self.expand_1(x) / INPUT_GAIN + 0.5

    def forward(
        self, pixels: Tensor, top_lagrangian: float = 0.0, bottom_lagrangian: float = 0.0
    ) -> PaperOutput:
        """Code and decode pixels (N, 1, H, W) in 0 .. 1; H and W are multiples of 8."""
        features, top_latents = self.features(pixels)
        top = self.top_quantiser(top_latents, top_lagrangian)
        predicted = self.decode_top(top.values)
        bottom = self.bottom_quantiser(self.condition(predicted, features), bottom_lagrangian)
        return PaperOutput(self.decode_bottom(predicted, bottom.values), top, bottom)


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """3x3 convolution, or 4x4 of stride 2, padded by replication of one pixel."""
    stride = 2 if kernel == 4 else 1
    return nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1, padding_mode="replicate")

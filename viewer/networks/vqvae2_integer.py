"""Layers whose every activation is a small integer, so that any machine computes the same.

A value ``v`` is held as ``v`` in a float32 tensor but always lies on a fixed grid: activations
on multiples of 2**-4 between 0 and 255/16, weights on multiples of 2**-7 between -2 and 2,
biases and sums on multiples of 2**-11. A float32 holds every sum exactly while the sum of the
absolute products stays below 2**24 * 2**-11, which `check_exactness` proves from the weights
alone; additions then commute, and neither thread count, instruction set, tile size nor device
can change a bit. The same layers train: rounding passes its gradient straight through.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ACTIVATION_STEPS = 16
ACTIVATION_MAX = 255
WEIGHT_STEPS = 128
WEIGHT_MAX = 255
SUM_STEPS = ACTIVATION_STEPS * WEIGHT_STEPS
EXACT_BITS = 24


class _RoundWeight(torch.autograd.Function):
    """Round to a grid within bounds; gradient straight through."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, steps: int, bound: int) -> Tensor:
        return torch.clamp(torch.floor(weight * steps + 0.5), -bound, bound) / steps

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return grads[0], None, None


class _GridRelu(torch.autograd.Function):
    """Rectify and round to the activation grid; gradient of a clamp."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = x.mul(ACTIVATION_STEPS).add_(0.5).floor_().clamp_(0, ACTIVATION_MAX)
        ctx.save_for_backward((y > 0) & (y < ACTIVATION_MAX))
        return y.mul_(1 / ACTIVATION_STEPS)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (inside,) = ctx.saved_tensors
        return grads[0] * inside


def grid_relu(x: Tensor) -> Tensor:
    """``max(x, 0)`` rounded to the activation grid and bounded by it."""
    if x.requires_grad:
        return _GridRelu.apply(x)  # type: ignore[no-any-return]
    return (
        x.mul(ACTIVATION_STEPS)
        .add_(0.5)
        .floor_()
        .clamp_(0, ACTIVATION_MAX)
        .mul_(1 / ACTIVATION_STEPS)
    )


class GridConv(nn.Conv2d):
    """A convolution, zero padded to its input's size, with weights and biases on the grid."""

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = True) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
        self._frozen = False

    def freeze(self) -> None:
        """Declare that the parameters lie on the grid already and will not change."""
        self._frozen = True
        # Channels last is two to four times faster on CPUs, and no sum depends on the layout.
        self.weight.data = self.weight.data.contiguous(memory_format=torch.channels_last)

    def on_grid(self) -> tuple[Tensor, Tensor | None]:
        """Weights and biases as they are used."""
        if self._frozen:
            return self.weight, self.bias
        weight = _RoundWeight.apply(self.weight, WEIGHT_STEPS, WEIGHT_MAX)
        if self.bias is None:
            return weight, None
        return weight, _RoundWeight.apply(self.bias, SUM_STEPS, 2**20)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve; ``x`` must lie on the activation grid."""
        weight, bias = self.on_grid()
        if self._frozen:
            x = x.contiguous(memory_format=torch.channels_last)
        return F.conv2d(x, weight, bias, padding=self.padding)  # type: ignore[arg-type]


def largest_sum(convs: list[GridConv]) -> int:
    """Largest absolute sum, in sum steps, that these convolutions added together can reach."""
    total: Tensor | float = 0.0
    for conv in convs:
        weight, bias = conv.on_grid()
        total = (
            total + weight.detach().double().abs().sum((1, 2, 3)) * WEIGHT_STEPS * ACTIVATION_MAX
        )
        if bias is not None:
            total = total + bias.detach().double().abs() * SUM_STEPS
    return int(torch.as_tensor(total).max())

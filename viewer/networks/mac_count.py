"""Multiply-accumulates of a network, by a stated rule.

One multiply-accumulate for each product of a weight and an activation in convolutions, transposed
convolutions and linear layers, and one for each value that a batch norm scales and shifts. Biases,
activations, pooling and concatenation count nothing. A product with a padding zero counts.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

RULE = (
    "one multiply-accumulate a product of weight and activation in (transposed) convolutions and "
    "linear layers and one a value that a batch norm scales and shifts; nothing for biases, "
    "activations and pooling"
)


def multiply_accumulates(network: nn.Module, *inputs: Tensor) -> int:
    """Count over one forward pass.

    Parameters
    ----------
    network : nn.Module
        Put on the "meta" device together with its inputs, it computes nothing; in evaluation mode
        while it is counted.
    inputs : Tensor
    """
    total = 0

    def count(module: nn.Module, given: Any, found: Tensor) -> None:
        nonlocal total
        total += _of(module, given[0], found)

    hooks = [
        module.register_forward_hook(count)
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d)
    ]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(*inputs)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return total


def _of(module: nn.Module, given: Tensor, found: Tensor) -> int:
    if isinstance(module, nn.ConvTranspose2d):
        # Every input value meets every weight of its channel.
        return given.numel() // given.shape[1] * module.weight.numel()
    if isinstance(module, nn.Conv2d):
        return found.numel() // found.shape[1] * module.weight.numel()
    if isinstance(module, nn.Linear):
        return found.numel() // found.shape[-1] * module.weight.numel()
    return found.numel()

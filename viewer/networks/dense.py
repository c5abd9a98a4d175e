"""The dense autoencoder of Ercan (2018): 784-128-N-128-784 with sigmoids, for 28 x 28 pixels.

Encoder and decoder are two modules, since they are saved apart: who only looks needs the decoder.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SIDE = 28
PIXELS = SIDE * SIDE
HIDDEN = 128
CODE_SIZES = (22, 36, 50, 64)
"""N of the paper, ascending."""


class DenseEncoder(nn.Module):
    """784 values in 0 .. 1 -> `size` values in 0 .. 1."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.hidden = nn.Linear(PIXELS, HIDDEN)
        self.code = nn.Linear(HIDDEN, size)

    def forward(self, values: Tensor) -> Tensor:
        """Return (N, size) of (N, 784)."""
        return torch.sigmoid(self.code(torch.sigmoid(self.hidden(values))))


class DenseDecoder(nn.Module):
    """`size` values in 0 .. 1 -> 784 values in 0 .. 1."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.hidden = nn.Linear(size, HIDDEN)
        self.values = nn.Linear(HIDDEN, PIXELS)

    def forward(self, code: Tensor) -> Tensor:
        """Return (N, 784) of (N, size)."""
        return torch.sigmoid(self.values(torch.sigmoid(self.hidden(code))))


def parameters_of(size: int) -> tuple[int, int]:
    """Return how many parameters encoder and decoder have."""
    encoder = PIXELS * HIDDEN + HIDDEN + HIDDEN * size + size
    decoder = size * HIDDEN + HIDDEN + HIDDEN * PIXELS + PIXELS
    return encoder, decoder

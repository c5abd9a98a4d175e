"""The recurrent network of Toderici et al. (CVPR 2017): a picture in passes of 32 bits a block.

Each pass codes what the passes before it left over::

    b_t = B(E_t(r_{t-1})),   x_t = D_t(b_t) + gamma x_{t-1},   r_t = x - x_t,   r_0 = x, x_0 = 0

with gamma = 1 in additive and 0 in one-shot reconstruction. Encoder and decoder are the same in
every pass; their states are not. B gives 32 signs for each block of 16 x 16 pixels, 1/8 bit per
pixel a pass.

One departure: what a pass reads is multiplied by a fixed gain of that pass, and what it adds is
divided by it, so that the network meets numbers of about the same size in all passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from viewer.networks.recurrent_cells import CELLS, Cell, State, make_cell

BLOCK = 16
"""Side of the pixels that one place of the code stands for."""

RECONSTRUCTIONS = ("additive", "oneshot")


@dataclass(frozen=True)
class RecurrentShape:
    """Everything that decides the network's tensors.

    Attributes
    ----------
    planes
        Of a picture: 1 for grey.
    cell
        "gru" or "lstm".
    reconstruction
        "additive" or "oneshot".
    iterations
        Passes it was trained for.
    first
        Channels of the encoder's first convolution, at half the side.
    encoder
        Channels of the encoder's three cells, at 1/4, 1/8 and 1/16 of the side.
    decoder
        Channels of the decoder's four cells, at 1/16, 1/8, 1/4 and 1/2 of the side; multiples of 4.
    bits
        Signs a block and pass.
    bias, bypass
        Of the cells.
    """

    planes: int = 1
    cell: str = "gru"
    reconstruction: str = "additive"
    iterations: int = 16
    first: int = 16
    encoder: tuple[int, int, int] = (32, 64, 96)
    decoder: tuple[int, int, int, int] = (96, 64, 32, 16)
    bits: int = 32
    bias: bool = True
    bypass: bool = True

    def __post_init__(self) -> None:
        if self.cell not in CELLS or self.reconstruction not in RECONSTRUCTIONS:
            raise ValueError(f"no cell {self.cell!r} or reconstruction {self.reconstruction!r}")
        if any(channels % 4 for channels in self.decoder):
            raise ValueError("the channels of the decoder's cells must be multiples of 4")


PUBLISHED = RecurrentShape(
    planes=3,
    cell="lstm",
    first=64,
    encoder=(256, 512, 512),
    decoder=(512, 512, 256, 128),
    bias=False,
    bypass=False,
)
"""The sizes of the paper in its public PyTorch implementation: 35,456,800 parameters."""

States = tuple[State | None, ...]


class RecurrentEncoder(nn.Module):
    """What is left of a picture -> a number in -1 .. 1 for each bit."""

    start: States = (None,) * 3

    def __init__(self, shape: RecurrentShape) -> None:
        super().__init__()
        self.first = nn.Conv2d(
            shape.planes,
            shape.first,
            3,
            stride=2,
            padding=1,
            bias=shape.bias,
            padding_mode="replicate",
        )
        widths = (shape.first, *shape.encoder)
        self.cells = nn.ModuleList(
            make_cell(
                shape.cell, widths[n], widths[n + 1], stride=2, bias=shape.bias, bypass=shape.bypass
            )
            for n in range(3)
        )
        self.bits = nn.Conv2d(shape.encoder[-1], shape.bits, 1, bias=shape.bias)

    def forward(self, values: Tensor, states: States) -> tuple[Tensor, States]:
        """Return chances (N, bits, H/16, W/16) of a picture (N, planes, H, W), and new states."""
        values, states = _through(self.cells, self.first(values), states, shuffled=False)
        return torch.tanh(self.bits(values)), states


class RecurrentDecoder(nn.Module):
    """Signs -> a picture, or what to add to it."""

    start: States = (None,) * 4

    def __init__(self, shape: RecurrentShape) -> None:
        super().__init__()
        self.spread = nn.Conv2d(shape.bits, shape.decoder[0], 1, bias=shape.bias)
        widths = (4 * shape.decoder[0], *shape.decoder)
        kernels = (1, 1, 3, 3)
        self.cells = nn.ModuleList(
            make_cell(
                shape.cell,
                widths[n] // 4,
                widths[n + 1],
                hidden_kernel=kernels[n],
                bias=shape.bias,
                bypass=shape.bypass,
            )
            for n in range(4)
        )
        self.last = nn.Conv2d(shape.decoder[-1] // 4, shape.planes, 1, bias=shape.bias)

    def forward(self, signs: Tensor, states: States) -> tuple[Tensor, States]:
        """Return (N, planes, 16 h, 16 w) of signs (N, bits, h, w), and new states."""
        values, states = _through(self.cells, self.spread(signs), states, shuffled=True)
        return self.last(values.float()), states


class RecurrentNetwork(nn.Module):
    """Encoder, binariser and decoder, one pass at a time.

    Pictures are (N, planes, H, W) with H and W multiples of 16 and values in -0.5 .. 0.5.
    """

    gains: Tensor

    def __init__(self, shape: RecurrentShape | None = None) -> None:
        super().__init__()
        self.shape = shape or RecurrentShape()
        self.encoder = RecurrentEncoder(self.shape)
        self.decoder = RecurrentDecoder(self.shape)
        start = 2.0 * 1.25 ** torch.arange(self.shape.iterations + 1, dtype=torch.float32)
        self.register_buffer("gains", start)

    def analyse(self, left: Tensor, states: States, number: int) -> tuple[Tensor, States]:
        """Chances in -1 .. 1 of the bits of pass `number` (from 0), and the encoder's states."""
        return self.encoder(left * self.gains[number], states)

    def synthesise(
        self, signs: Tensor, states: States, number: int, before: Tensor | float
    ) -> tuple[Tensor, States]:
        """Picture after pass `number`, and the decoder's states."""
        added, states = self.decoder(signs, states)
        if self.shape.reconstruction == "oneshot":
            return added, states
        return before + added / self.gains[number], states


def binarise(chances: Tensor, *, training: bool) -> Tensor:
    """Return signs -1 or 1.

    In training a sign is drawn so that its mean is the chance in -1 .. 1, and gradients pass as if
    nothing had happened (Toderici et al., ICLR 2016, section 3.1); else it is the chance's own.
    """
    if not training:
        return torch.where(chances >= 0, 1.0, -1.0).to(chances.dtype)
    with torch.no_grad():
        drawn = torch.where(torch.rand_like(chances) < (1 + chances) / 2, 1.0, -1.0)
        change = drawn.to(chances.dtype) - chances
    return chances + change


def count_parameters(network: nn.Module) -> int:
    """Numbers that training decides; gains are measured, and are none of them."""
    return sum(parameter.numel() for parameter in network.parameters())


def _through(
    cells: nn.ModuleList, values: Tensor, states: States, *, shuffled: bool
) -> tuple[Tensor, States]:
    kept: list[State] = []
    cell: Cell
    for cell, state in zip(cells, states, strict=True):  # type: ignore[assignment]
        values, state = cell(values, state)
        kept.append(state)
        if shuffled:
            values = F.pixel_shuffle(values, 2)
    return values, tuple(kept)

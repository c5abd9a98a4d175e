"""The recurrent network of Toderici et al. (CVPR 2017): a picture in passes of 32 bits a block.

Each pass codes what the passes before it left over::

    b_t = B(E_t(r_{t-1})),   x_t = D_t(b_t) + gamma x_{t-1},   r_t = x - x_t,   r_0 = x, x_0 = 0

with gamma = 1 in additive and 0 in one-shot reconstruction. Encoder and decoder are the same in
every pass; their states are not. B gives 32 signs for each block of 16 x 16 pixels, 1/8 bit per
pixel a pass.

What a pass reads is multiplied by a gain, and what it adds is divided by it, so that the network
meets numbers of about the same size in all passes and places ("residual scaling", the paper's third
form of reconstruction). There a network of its own gives the gain of a patch; here it is a number
for each pass, but a block that is still changing in large steps, such as one with a letter in it,
goes on in steps of that size, as in adaptive delta modulation.
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

KEPT = 0.9
"""A block's next step is as long as this share of its last change, or as that of all blocks."""

_FARTHEST = 0.75
_MOST_READ = 8.0


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
    hidden_kernels
        Sides of the convolutions of the states of the decoder's cells, odd.
    bias, bypass
        Of the cells.
    """

    planes: int = 1
    cell: str = "gru"
    reconstruction: str = "additive"
    iterations: int = 16
    first: int = 12
    encoder: tuple[int, int, int] = (24, 48, 64)
    decoder: tuple[int, int, int, int] = (64, 48, 32, 12)
    bits: int = 32
    hidden_kernels: tuple[int, int, int, int] = (1, 1, 1, 1)
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
    hidden_kernels=(1, 1, 3, 3),
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
        self.cells = nn.ModuleList(
            make_cell(
                shape.cell,
                widths[n] // 4,
                widths[n + 1],
                hidden_kernel=shape.hidden_kernels[n],
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


@dataclass(frozen=True)
class Made:
    """How far a picture has come.

    Attributes
    ----------
    number
        Passes so far.
    output
        The picture, (N, planes, H, W); 0 before the first pass.
    step
        Length of the next step of each block, (N, planes, h, w), if it is longer than that of all;
        None before the second pass is done.
    states
        Of the decoder.
    """

    number: int = 0
    output: Tensor | float = 0.0
    step: Tensor | None = None
    states: States = RecurrentDecoder.start


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
        start = 6.0 * 1.2 ** torch.arange(self.shape.iterations, dtype=torch.float32)
        start[0] = 2.0
        self.register_buffer("gains", start)

    def gain(self, made: Made) -> Tensor:
        """By what the next pass is scaled: a number, then one for each block (N, planes, H, W)."""
        gain = self.gains[made.number]
        if made.step is None:
            return gain
        local = torch.minimum(gain, 0.5 / made.step.clamp_min(1e-6))
        return F.interpolate(local, scale_factor=float(BLOCK))

    def analyse(self, left: Tensor, states: States, gain: Tensor) -> tuple[Tensor, States]:
        """Chances in -1 .. 1 of the next pass's bits, and the encoder's states."""
        return self.encoder((left * gain).clamp(-_MOST_READ, _MOST_READ), states)

    def synthesise(self, signs: Tensor, made: Made, gain: Tensor) -> Made:
        """Return the picture with one pass more."""
        added, states = self.decoder(signs, made.states)
        output = added
        if self.shape.reconstruction == "additive":
            output = (made.output + added / gain).clamp(-_FARTHEST, _FARTHEST)
        step = _next_step(output - made.output, gain) if made.number else None
        return Made(made.number + 1, output, step, states)


def _next_step(change: Tensor, gain: Tensor) -> Tensor:
    """Length of each block's next step; it never grows, and no gradient runs through it."""
    size = KEPT * F.avg_pool2d(change.detach().abs(), BLOCK)
    last = 0.5 / (gain if gain.ndim == 0 else F.avg_pool2d(gain, BLOCK))
    return torch.minimum(size, last.expand_as(size))


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

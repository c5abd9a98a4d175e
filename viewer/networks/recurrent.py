"""The recurrent network of Toderici et al. (CVPR 2017): a picture in passes of 32 bits a block.

Each pass codes what the passes before it left over::

    b_t = B(E_t(r_{t-1})),   x_t = D_t(b_t) + gamma x_{t-1},   r_t = x - x_t,   r_0 = x, x_0 = 0

with gamma = 1 in additive and 0 in one-shot reconstruction. Encoder and decoder are the same in
every pass; their states are not. B gives 32 signs for each block of 16 x 16 pixels, 1/8 bit per
pixel a pass.

What a pass reads is multiplied by a gain, and what it adds is divided by it, so that the network
meets numbers of about the same size in all passes and places ("residual scaling", the paper's third
form of reconstruction). A network with patterns (``recurrent_direct``) makes each block's gain from
the picture so far; without, it is a number for each pass, but a block that is still changing in
large steps, such as one with a letter in it, goes on in steps of that size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from viewer.networks.recurrent_direct import BlockScaling, DirectPath, block_measures, everywhere
from viewer.networks.recurrent_guide import guide_planes
from viewer.networks.recurrent_halves import RecurrentDecoder, RecurrentEncoder, States
from viewer.networks.recurrent_shape import BLOCK, RecurrentShape

KEPT = 0.9
"""A block's next step is as long as this share of its last change, or as that of all blocks."""

SILENT_FROM = 5e3
"""A gain as large as this says that a pass is passed over: it could add next to nothing."""

_FARTHEST = 0.75
_MOST_READ = 8.0


@dataclass(frozen=True)
class Made:
    """How far a picture has come.

    Attributes
    ----------
    number
        Passes so far.
    output
        The picture that the next pass starts from, (N, planes, H, W); 0 before the first pass.
    step
        Length of the next step of each block, (N, planes, h, w), if it is longer than that of all;
        None before the second pass is done.
    states
        Of the decoder.
    change
        What the last pass changed; None without patterns.
    measures
        Of each block, for its next gain; None without patterns.
    restored
        The picture with the cells' part, where the next pass starts from that of the patterns
        alone; else None.
    """

    number: int = 0
    output: Tensor | float = 0.0
    step: Tensor | None = None
    states: States = RecurrentDecoder.start
    change: Tensor | None = None
    measures: Tensor | None = None
    restored: Tensor | None = None

    @property
    def picture(self) -> Tensor:
        """What is shown after at least one pass, (N, planes, H, W)."""
        if self.restored is not None:
            return self.restored
        assert isinstance(self.output, Tensor)
        return self.output


class RecurrentNetwork(nn.Module):
    """Encoder, binariser and decoder, one pass at a time.

    Pictures are (N, planes, H, W) with H and W multiples of 16 and values in -0.5 .. 0.5.
    """

    gains: Tensor

    def __init__(self, shape: RecurrentShape | None = None) -> None:
        super().__init__()
        self.shape = shape or RecurrentShape()
        self.encoder: RecurrentEncoder | None = None
        if self.shape.encoding == "cells":
            self.encoder = RecurrentEncoder(self.shape)
        self.decoder = RecurrentDecoder(self.shape)
        passes = self.shape.iterations
        start = 6.0 * 1.2 ** torch.arange(passes, dtype=torch.float32)
        self.direct: DirectPath | None = None
        self.scaling: BlockScaling | None = None
        if self.shape.direct:
            self.direct = DirectPath(
                passes, self.shape.bits, self.shape.planes, BLOCK, self.shape.direct
            )
            self.scaling = BlockScaling(passes)
            start = torch.ones(passes)
        start[0] = 2.0
        self.register_buffer("gains", start)

    def gain(self, made: Made) -> Tensor:
        """By what the next pass is scaled: a number, or one for each block (N, planes, h, w)."""
        gain = self.gains[made.number]
        if self.scaling is not None and made.measures is not None:
            return gain * self.scaling(made.number, made.measures)
        if made.step is None:
            return gain
        return torch.minimum(gain, 0.5 / made.step.clamp_min(1e-6))

    def silent(self, number: int) -> bool:
        """Whether pass `number` (from 0) changes nothing; its signs are all alike then."""
        adding = self.direct is None and self.shape.reconstruction == "additive"
        return adding and number > 0 and bool(self.gains[number] >= SILENT_FROM)

    def analyse(
        self, left: Tensor, states: States, gain: Tensor, number: int
    ) -> tuple[Tensor, States]:
        """Chances in -1 .. 1 of the bits of pass `number` (from 0), and the encoder's states."""
        if self.silent(number):
            pictures, _, rows, columns = left.shape
            return left.new_ones(pictures, self.shape.bits, rows // BLOCK, columns // BLOCK), states
        read = (left * everywhere(gain, BLOCK)).clamp(-_MOST_READ, _MOST_READ)
        values: Tensor | float = 0.0
        if self.encoder is not None:
            values, states = self.encoder(read, states)
        if self.direct is not None:
            values = values + self.direct.analyse(number, read)
        assert isinstance(values, Tensor)
        return torch.tanh(values), states

    def synthesise(self, signs: Tensor, made: Made, gain: Tensor) -> Made:
        """Return the picture with one pass more."""
        if self.silent(made.number):
            return replace(made, number=made.number + 1)
        change, planes = None, None
        if self.direct is not None:
            change = self.direct.synthesise(made.number, signs, gain)
            if self.shape.guide:
                planes = guide_planes(made.output + change, change, everywhere(gain, BLOCK))
        added, states = self.decoder(signs, made.states, planes)
        return self.extended(made, gain, added, states, change)

    def outlined(self, signs: Tensor, made: Made, gain: Tensor) -> Made:
        """Return the picture with one pass more of the patterns alone; the cells are not asked.

        Where the encoder has no cells, the next pass starts from this picture all the same.
        """
        if self.direct is None:
            raise ValueError("without patterns there is nothing but the cells")
        change = self.direct.synthesise(made.number, signs, gain)
        return self.extended(made, gain, change.new_zeros(()), made.states, change)

    def extended(
        self, made: Made, gain: Tensor, added: Tensor, states: States, direct: Tensor | None
    ) -> Made:
        """Return the picture with what the decoder's cells gave for a pass, and its patterns."""
        number, gain_of_pixels = made.number + 1, everywhere(gain, BLOCK)
        if self.shape.reconstruction == "oneshot":
            step = _next_step(added - made.output, gain) if made.number else None
            return Made(number, added, step, states)
        if self.direct is None or direct is None:
            output = (made.output + added / gain_of_pixels).clamp(-_FARTHEST, _FARTHEST)
            step = _next_step(output - made.output, gain) if made.number else None
            return Made(number, output, step, states)
        added = self.direct.trust[made.number] * added / gain_of_pixels
        restored = None
        if self.shape.encoding == "filters":
            output = (made.output + direct).clamp(-_FARTHEST, _FARTHEST)
            restored = (output + added).clamp(-_FARTHEST, _FARTHEST)
        else:
            output = (made.output + (added + direct)).clamp(-_FARTHEST, _FARTHEST)
        change = (output - made.output).detach()
        measures = block_measures(output, change, made.change, gain, BLOCK)
        return Made(number, output, None, states, change, measures, restored)


def _next_step(change: Tensor, gain: Tensor) -> Tensor:
    """Length of each block's next step; it never grows, and no gradient runs through it."""
    size = KEPT * F.avg_pool2d(change.detach().abs(), BLOCK)
    return torch.minimum(size, (0.5 / gain).expand_as(size))


def binarise(chances: Tensor, *, training: bool, drawn_share: float = 1.0) -> Tensor:
    """Return signs -1 or 1.

    In training a sign is drawn so that its mean is the chance in -1 .. 1, and gradients pass as if
    nothing had happened (Toderici et al., ICLR 2016, section 3.1); else it is the chance's own. A
    training may draw a share of the signs alone, and take the others as in use.
    """
    with torch.no_grad():
        signs = torch.where(chances >= 0, 1.0, -1.0).to(chances.dtype)
        if training and drawn_share > 0:
            drawn = torch.where(torch.rand_like(chances) < (1 + chances) / 2, 1.0, -1.0)
            some = torch.rand_like(chances) < drawn_share
            signs = torch.where(some, drawn.to(chances.dtype), signs)
    return chances + (signs - chances).detach() if training else signs


def count_parameters(network: nn.Module) -> int:
    """Numbers that training decides; gains are measured, and are none of them."""
    return sum(parameter.numel() for parameter in network.parameters())

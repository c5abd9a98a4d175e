"""What decides a training of the recurrent network, and its loss."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_direct import everywhere
from viewer.networks.recurrent_halves import RecurrentEncoder, States
from viewer.networks.recurrent_shape import BLOCK
from viewer.training.tile_similarity import ms_ssim

LOSSES = ("l1", "ms-ssim", "both")

_LEAST_SQUARE = 5e-7
"""In squares of the picture's range: less than a fifth of a grey value of 8 bits counts little."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training beside the data and its length.

    Attributes
    ----------
    loss
        "l1": logarithm of the mean absolute residual of every pass; "ms-ssim": one less MS-SSIM
        of every pass; "both".
    similarity_weight
        Of MS-SSIM beside the residual, where both are asked for.
    square_share
        Of the root mean square residual in the residual loss, beside the mean absolute one.
    learning_rate
        Of Adam at its highest; falls to a fiftieth along a cosine over the training. Filters and
        patterns stay what they were at the start: the gradient through signs is too coarse to
        better the filters, and tiles have too few neighbours to better the patterns.
    batch, side
        Tiles a step and their side in pixels, a multiple of 16.
    wide_side, wide_from
        Side of tiles in the last part of the training, as many fewer as they are larger, so that
        the coarsest cells meet places that have neighbours all around; the share of the training
        after which that part begins.
    hard_share, candidates
        Of the tiles of a step, those that are drawn by what is left of them, and from how many;
        only where the network has patterns.
    unroll
        Passes after which the network learns; through no more than these runs a gradient.
    drawn_share
        Of the bits that are drawn at random in training; the others are signs as in use.
    start_parts
        Parts of 128 x 128 pixels that a linear start is made from, where the network has patterns.
    fewest_passes
        A step takes all passes or this many, by turns: the first passes matter to all later ones.
    gains_until
        Share of the training after which the gains of the passes stay as they are.
    validate_every, checkpoint_seconds
        Steps between validations, seconds between checkpoints.
    validation_pictures, validation_side
        How many pictures are looked at each time, and the side of the middle that is.
    """

    loss: str = "both"
    similarity_weight: float = 0.1
    square_share: float = 0.5
    learning_rate: float = 1e-3
    batch: int = 64
    side: int = 32
    wide_side: int = 64
    wide_from: float = 0.3
    hard_share: float = 0.0
    candidates: int = 64
    unroll: int = 16
    drawn_share: float = 0.0
    start_parts: int = 3200
    fewest_passes: int = 6
    gains_until: float = 0.5
    validate_every: int = 400
    checkpoint_seconds: float = 120.0
    validation_pictures: int = 4
    validation_side: int = 1024


RESTORING = Recipe(
    learning_rate=2e-3,
    batch=8,
    side=64,
    wide_side=96,
    wide_from=0.7,
    hard_share=0.5,
    unroll=4,
    fewest_passes=8,
    validate_every=1000,
)
"""For a network with patterns, whose cells restore what these leave."""


@dataclass(frozen=True)
class Passed:
    """What some passes over a batch gave.

    Attributes
    ----------
    loss
        To be made small.
    read
        Root mean square of what each pass has read.
    last_db
        PSNR after the last pass.
    """

    loss: Tensor
    read: list[float]
    last_db: float


@dataclass(frozen=True)
class Chain:
    """Where a batch stands between two passes: the states of the encoder, and the picture."""

    analysed: States = RecurrentEncoder.start
    made: Made = field(default_factory=Made)

    def cut(self) -> Chain:
        """Return the same without what gradients would run through."""
        analysed = tuple(None if state is None else state.detach() for state in self.analysed)
        states = tuple(None if state is None else state.detach() for state in self.made.states)
        output = self.made.output
        output = output.detach() if isinstance(output, Tensor) else output
        return Chain(analysed, replace(self.made, output=output, states=states))


_START = Chain()


def run_passes(
    network: RecurrentNetwork, pixels: Tensor, passes: int, recipe: Recipe, chain: Chain = _START
) -> tuple[Passed, Chain]:
    """Run some more passes over tiles (N, planes, H, W) in -0.5 .. 0.5; weigh what each leaves.

    With patterns, the cells' states alone connect the passes: what the next one starts from is
    none of their doing.
    """
    likened = {int(torch.randint(passes, ()))} if recipe.loss == "both" else set()
    if recipe.loss == "ms-ssim":
        likened = set(range(passes))
    analysed, made = chain.analysed, chain.made
    left, terms, read = pixels - made.output, [], []
    for number in range(passes):
        gain = network.gain(made)
        read.append(rms(left * everywhere(gain, BLOCK)))
        chances, analysed = network.analyse(left, analysed, gain, made.number)
        signs = binarise(chances, training=True, drawn_share=recipe.drawn_share)
        made = network.synthesise(signs, made, gain)
        output = made.picture
        left = pixels - output
        if recipe.loss != "ms-ssim":
            # Its logarithm: every pass counts the same, however little is left by then.
            terms.append(_residual_loss(left, recipe.square_share) / passes)
        if number in likened:
            weight = recipe.similarity_weight if recipe.loss == "both" else 1 / passes
            terms.append(weight * (1 - ms_ssim(pixels + 0.5, output + 0.5)))
        last_db = -20 * math.log10(rms(left) + 1e-6)
        if network.direct is not None:
            made, left = replace(made, restored=None), pixels - made.output
    passed = Passed(torch.stack(terms).sum(), read, last_db)
    return passed, Chain(analysed, made)


def _residual_loss(left: Tensor, square_share: float) -> Tensor:
    """Mean logarithm over the tiles: one with a letter is left with ten times as much as others."""
    loss = (1 - square_share) * torch.log(left.abs().mean((1, 2, 3)) + 1e-4).mean()
    if square_share:
        squares = left.square().mean((1, 2, 3))
        loss = loss + square_share * 0.5 * torch.log(squares + _LEAST_SQUARE).mean()
    return loss


def rms(values: Tensor) -> float:
    """Root mean square."""
    return math.sqrt(values.detach().square().mean().item())

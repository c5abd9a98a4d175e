"""What decides a training of the recurrent network, and its loss."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_direct import everywhere
from viewer.networks.recurrent_shape import BLOCK
from viewer.training.tile_similarity import ms_ssim

LOSSES = ("l1", "ms-ssim", "both")


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
    learning_rate, encoder_rate
        Of Adam at its highest, for the cells of decoder and encoder; falls to a fiftieth along a
        cosine over the training. Without patterns, all learn at the first; with them, filters and
        patterns stay what they were at the start: the gradient through signs is too coarse to
        better the filters, and tiles have too few neighbours to better the patterns.
    batch, side
        Tiles a step and their side in pixels, a multiple of 16.
    wide_side, wide_from
        Side of tiles in the last part of the training, a quarter as many and more, so that the
        coarsest cells meet places that have neighbours all around; the share of the training after
        which that part begins.
    drawn_share
        Of the bits that are drawn at random in training; the others are signs as in use.
    start_parts, scaling_parts
        Parts of 128 x 128 pixels that a linear start is made from, and those that the scaling is
        fitted on at each validation; only where the network has patterns.
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
    encoder_rate: float = 1e-4
    batch: int = 64
    side: int = 32
    wide_side: int = 64
    wide_from: float = 0.3
    drawn_share: float = 0.0
    start_parts: int = 1600
    scaling_parts: int = 256
    fewest_passes: int = 6
    gains_until: float = 0.5
    validate_every: int = 400
    checkpoint_seconds: float = 120.0
    validation_pictures: int = 4
    validation_side: int = 1024


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


def run_passes(network: RecurrentNetwork, pixels: Tensor, passes: int, recipe: Recipe) -> Passed:
    """Run some passes over tiles (N, planes, H, W) in -0.5 .. 0.5, and weigh what each leaves.

    With patterns, no gradient runs from a pass to the picture that the passes before it made: each
    does its best with what it finds, and the cells' states alone connect them.
    """
    likened = {int(torch.randint(passes, ()))} if recipe.loss == "both" else set()
    if recipe.loss == "ms-ssim":
        likened = set(range(passes))
    analysed, made = network.encoder.start, Made()
    left, terms, read = pixels, [], []
    for number in range(passes):
        gain = network.gain(made)
        read.append(rms(left * everywhere(gain, BLOCK)))
        chances, analysed = network.analyse(left, analysed, gain, number)
        signs = binarise(chances, training=True, drawn_share=recipe.drawn_share)
        made = network.synthesise(signs, made, gain)
        output = made.output
        assert isinstance(output, Tensor)
        left = pixels - output
        if recipe.loss != "ms-ssim":
            # Its logarithm: every pass counts the same, however little is left by then.
            terms.append(_residual_loss(left, recipe.square_share) / passes)
        if number in likened:
            weight = recipe.similarity_weight if recipe.loss == "both" else 1 / passes
            terms.append(weight * (1 - ms_ssim(pixels + 0.5, output + 0.5)))
        if network.direct is not None:
            made = replace(made, output=output.detach())
            left = left.detach()
    return Passed(torch.stack(terms).sum(), read, -20 * math.log10(rms(left) + 1e-6))


def _residual_loss(left: Tensor, square_share: float) -> Tensor:
    loss = (1 - square_share) * torch.log(left.abs().mean() + 1e-4)
    if square_share:
        loss = loss + square_share * 0.5 * torch.log(left.square().mean() + 1e-8)
    return loss


def rms(values: Tensor) -> float:
    """Root mean square."""
    return math.sqrt(values.detach().square().mean().item())

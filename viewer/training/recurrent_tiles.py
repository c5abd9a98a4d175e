"""The tiles that a step of the recurrent network learns from: where they lie, and how large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_direct import everywhere
from viewer.networks.recurrent_shape import BLOCK
from viewer.training.crops import CropPlan, CropSource, Picture
from viewer.training.recurrent_loss import Recipe

_LOOKED_AT = 2
"""Passes after which it is asked what is left of a tile."""

_LEAST = 1e-7


class TileSource:
    """Draws the tiles of each step; those of a step are the same whatever was drawn before.

    Parameters
    ----------
    pictures
        To cut them from.
    recipe
        How many, how large, and how many of them hard ones.
    seed
        Of their places.
    """

    def __init__(self, pictures: Sequence[Picture], recipe: Recipe, seed: int) -> None:
        self._recipe = recipe
        self._narrow = CropSource(pictures, CropPlan(side=recipe.side), seed)
        self._wide = CropSource(pictures, CropPlan(side=recipe.wide_side), seed)

    def draw(self, network: RecurrentNetwork, step: int, done: float) -> Tensor:
        """Return tiles (N, 1, side, side) in -0.5 .. 0.5 for a step, at a share of a training."""
        recipe, source, count = self._recipe, self._narrow, self._recipe.batch
        if done >= recipe.wide_from:
            source = self._wide
            count = max(1, round(count * (recipe.side / recipe.wide_side) ** 2))
        hard = round(recipe.hard_share * count) if network.direct is not None else 0
        extra = recipe.candidates if hard else 0
        found = torch.from_numpy(source.batch(step, count - hard + extra) - np.float32(0.5))
        found = found.to(network.gains.device)
        if not hard:
            return found
        some, rest = found[: count - hard], found[count - hard :]
        return torch.cat((some, hardest(network, rest, hard)))


@torch.no_grad()
def hardest(network: RecurrentNetwork, tiles: Tensor, count: int) -> Tensor:
    """Draw some tiles; the chance of each is what the patterns alone leave of it in two passes.

    Much of what is left of a radiograph lies in few of its blocks, letters and edges, and decides
    its PSNR; tiles from random places have next to none of them.
    """
    direct = network.direct
    if direct is None:
        raise ValueError("without patterns nothing tells hard tiles from others")
    made = Made()
    for number in range(min(_LOOKED_AT, network.shape.iterations)):
        gain = network.gain(made)
        chances = direct.analyse(number, (tiles - made.output) * everywhere(gain, BLOCK))
        made = network.outlined(binarise(chances, training=False), made, gain)
    assert isinstance(made.output, Tensor)
    left = (tiles - made.output).square().mean((1, 2, 3))
    return tiles[torch.multinomial(left + _LEAST, min(count, len(tiles)))]

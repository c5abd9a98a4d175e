"""The straight way around the recurrent network: linear filters of each pass, and its scaling.

The paper's residual units lead a linear path around every cell. Here one leads around all of them
besides: a pass's chances are those of the cells plus a filter of the block for each bit, and what
it adds is what the cells give plus a pattern for each bit. The paper's third form of
reconstruction, residual scaling, lets a network say from the picture so far by what the next pass
is scaled; here it is a sum of some measures of each block, weighted for each pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MEASURES = 8
"""Measures of a block that its next gain is made of, see :func:`block_measures`."""

_LEAST_LOG = 5e-4
_HIGHEST_GAIN = 1500.0
_LOWEST_GAIN = 0.5


class DirectPath(nn.Module):
    """Filters and patterns for each pass and bit.

    Parameters
    ----------
    passes, bits, planes : int
        Of the network.
    block : int
        Side of the pixels that one place of the code stands for.
    reach : int
        Side of a pattern, at least `block`; an even number more overlaps the blocks around.
    """

    trust: Tensor
    """By what the cells' part of each pass is multiplied; settled at the end of a training."""

    def __init__(self, passes: int, bits: int, planes: int, block: int, reach: int) -> None:
        super().__init__()
        self.block = block
        self.reach = reach
        self.filters = nn.Parameter(torch.zeros(passes, bits, planes, block, block))
        self.thresholds = nn.Parameter(torch.zeros(passes, bits))
        self.patterns = nn.Parameter(torch.zeros(passes, bits, planes, reach, reach))
        self.levels = nn.Parameter(torch.zeros(passes))
        self.register_buffer("trust", torch.ones(passes))

    def analyse(self, number: int, values: Tensor) -> Tensor:
        """Return what pass `number` adds to the chances before tanh, (N, bits, h, w)."""
        thresholds = self.thresholds[number]
        return F.conv2d(values, self.filters[number], thresholds, stride=self.block)

    def synthesise(self, number: int, signs: Tensor, gain: Tensor) -> Tensor:
        """Return what pass `number` adds to the picture, (N, planes, H, W)."""
        beyond = (self.reach - self.block) // 2
        added = F.conv_transpose2d(
            signs / gain, self.patterns[number], stride=self.block, padding=beyond
        )
        return added + self.levels[number] / everywhere(gain, self.block)


def everywhere(gain: Tensor, block: int) -> Tensor:
    """Return the gains of blocks as gains of their pixels; a number stays one."""
    return F.interpolate(gain, scale_factor=float(block)) if gain.ndim else gain


class BlockScaling(nn.Module):
    """Gain of each block in the next pass, from what the decoder knows of it.

    Parameters
    ----------
    passes : int
        Of the network; the first has nothing to go by, and its gain is a number.
    """

    def __init__(self, passes: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(passes, MEASURES))
        self.offsets = nn.Parameter(torch.zeros(passes))

    def forward(self, number: int, measures: Tensor) -> Tensor:
        """Return gains (N, 1, h, w) for pass `number` of measures (N, MEASURES, h, w)."""
        weights = self.weights[number].view(1, -1, 1, 1)
        logarithm = F.conv2d(measures, weights, self.offsets[number : number + 1])
        return logarithm.exp().clamp(_LOWEST_GAIN, _HIGHEST_GAIN)


@torch.no_grad()
def block_measures(
    output: Tensor, change: Tensor, before: Tensor | None, gain: Tensor, block: int
) -> Tensor:
    """Return measures (N, MEASURES, h, w) of the picture so far; no gradient runs through them.

    Parameters
    ----------
    output, change : Tensor, (N, planes, H, W)
        The picture after a pass, and what the pass changed.
    before : Tensor or None
        What the pass before it changed.
    gain : Tensor
        Of the pass: a number, or (N, 1, h, w).
    block : int
        Side of a block.
    """
    plane, moved = output.mean(1, keepdim=True), change.mean(1, keepdim=True)
    centred = plane - F.interpolate(F.avg_pool2d(plane, block), scale_factor=float(block))
    spread = F.avg_pool2d(centred.square(), block).sqrt()
    down = F.pad((plane[:, :, 1:] - plane[:, :, :-1]).abs(), (0, 0, 0, 1))
    across = F.pad((plane[..., 1:] - plane[..., :-1]).abs(), (0, 1))
    edge = F.max_pool2d(torch.maximum(down, across), block)
    size = F.avg_pool2d(moved.square(), block)
    alike = torch.zeros_like(size)
    if before is not None:
        earlier = before.mean(1, keepdim=True)
        both = size * F.avg_pool2d(earlier.square(), block)
        alike = F.avg_pool2d(moved * earlier, block) / (both.sqrt() + 1e-10)
    around = F.max_pool2d(spread, 3, stride=1, padding=1)
    spread, edge = _log(spread), _log(edge)
    last = gain.log().expand_as(size)
    measures: Sequence[Tensor] = (
        spread,
        edge,
        _log(around),
        last,
        _log(size.sqrt()),
        alike,
        spread.square(),
        edge.square(),
    )
    return torch.cat(tuple(measures), 1)


def _log(values: Tensor) -> Tensor:
    return (values + _LEAST_LOG).log()

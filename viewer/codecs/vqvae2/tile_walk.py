"""The order in which a tile's codes are known: shared by encoder and decoder, hence the same.

Lowest band first, then levels 5 .. 1, each in the groups of
`viewer.networks.vqvae2_prior.GROUPS`. Whoever walks (the encoder choosing codes, the decoder
reading them) is asked group by group and told how the prior sees the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2 import lowest_band
from viewer.codecs.vqvae2.active import (
    FIRST_OF_HH,
    LEVELS_IN_BLOCKS,
    SIDE,
    Blocks,
    surroundings,
)
from viewer.codecs.vqvae2.block_prediction import BlockContext
from viewer.codecs.vqvae2.features import CodePlanes, base_planes
from viewer.codecs.vqvae2.grid import BANDS, CHANNELS, band_shape, places
from viewer.codecs.vqvae2.level_context import SPARSE, LevelContext
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS, VALUE_LIMIT, detail_steps, lowest_step
from viewer.codecs.vqvae2.tables import Placement, coefficients
from viewer.codecs.vqvae2.wavelet import Bands, synthesise
from viewer.networks.vqvae2_prior import BAND_OF, GROUPS

Context = LevelContext | BlockContext
FILTER_LEVELS = 2
"""The finest levels, whose codes the restoration filter sees."""
_CODED_BEFORE_HH = GROUPS[FIRST_OF_HH][0]
"""Channels of the grid that the groups before HH have: all but its last ones."""


@dataclass(frozen=True)
class TileBands:
    """The codes of a tile turned back into coefficients.

    Parameters
    ----------
    lowest : Tensor, float64, shape (h / 32, w / 32)
        Raw units (2**-6 stored values).
    details : list of five Tensors, float64
        Level 1 first.
    codes : list of ndarray of int32
        The codes of the details on their grids, level 1 first.
    planes : list of CodePlanes
        Codes of levels 1 and 2 as networks see them, level 1 first.
    low : Tensor, float64, shape (h / 2, w / 2)
        The tile decoded by itself but for the details of level 1; what the prior has seen.
    """

    lowest: Tensor
    details: list[Bands]
    codes: list[NDArray[np.int32]]
    planes: list[CodePlanes]
    low: Tensor


class Walker(Protocol):
    """What `walk` asks."""

    @property
    def in_blocks(self) -> bool:
        """Whether the fine levels are coded in blocks: bitstream version 3."""

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Values of pass ``number`` of the lowest band."""

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Symbols of a group, flat, in the order (channel, row, column), and their placement.

        ``scale`` and ``mean`` are the prior's; the walker may shift the scales. Where the level is
        coded in blocks they are of those it named last, ``(channels, blocks, SIDE, SIDE)``.
        """

    def blocks(
        self, level: int, group: int, among: Blocks, classes: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Before a group: which of some blocks have codes, in this group and those that follow.

        ``classes`` says what is known around each; see `viewer.codecs.vqvae2.active`.
        """


@torch.inference_mode()
def walk(model: Model, step_index: int, height: int, width: int, walker: Walker) -> TileBands:
    """Visit the codes of a tile of ``height`` x ``width`` (multiples of 64)."""
    scale = 1 << LEVELS
    number = 0

    def visit(predictions: NDArray[np.int32], rows: slice, columns: slice) -> NDArray[np.int32]:
        nonlocal number
        number += 1
        return walker.lowest(number - 1, predictions, rows, columns)

    band = lowest_band.walk(height // scale, width // scale, visit)
    low = torch.from_numpy(band.astype(np.float64) * float(lowest_step(step_index)))
    low = low.clamp_(-VALUE_LIMIT, VALUE_LIMIT).mul_(2.0**-8).add_(0.5).floor_()
    lowest = low
    details: list[Bands] = []
    codes: list[NDArray[np.int32]] = []
    seen: list[CodePlanes] = []
    parent: CodePlanes | None = None
    grandparent: CodePlanes | None = None
    for level in range(LEVELS, 0, -1):
        shape = low.shape[0] // 2, low.shape[1] // 2
        blocks: Blocks | None = None
        if walker.in_blocks and level <= LEVELS_IN_BLOCKS and parent is not None:
            blocks = _named(walker, level, 0, Blocks.every(*shape), parent.sizes)
        grid = np.zeros((CHANNELS, *shape), np.int32)
        bands = [np.zeros(band_shape(band, *shape)) for band in range(BANDS)]
        if blocks is None or blocks.numbers.size:
            known = base_planes(low, parent, grandparent, step_index, level)
            if blocks is not None and blocks.share < SPARSE:
                context: Context = BlockContext(model.prior(level), known, blocks)
            else:
                context = LevelContext(model.prior(level), known)
            _walk_level(model, level, step_index, walker, context, blocks, grid, bands)
            planes = context.planes()
        else:
            planes = CodePlanes.of(grid)
        codes.append(grid)
        hl_low, hl_high, lh_low, lh_high, hh = map(torch.from_numpy, bands)
        details.append((hl_low, hl_high, lh_low, lh_high, hh))
        if level <= FILTER_LEVELS:
            seen.append(planes)
        if level > 1:
            low = synthesise(low, details[-1])
            parent, grandparent = planes, parent
    return TileBands(lowest, details[::-1], codes[::-1], seen[::-1], low)


def _walk_level(
    model: Model,
    level: int,
    step_index: int,
    walker: Walker,
    context: Context,
    blocks: Blocks | None,
    grid: NDArray[np.int32],
    bands: list[NDArray[np.float64]],
) -> None:
    """Visit the groups of a level; fill its grid of codes and its bands, which are zero."""
    steps = [step * 2.0**-8 for step in detail_steps(step_index)[level - 1]]
    for group, channels in enumerate(GROUPS):
        if group == FIRST_OF_HH and blocks is not None:
            blocks = _named(walker, level, group, blocks, grid[:_CODED_BEFORE_HH])
        if blocks is None or blocks.numbers.size:
            symbols, at = walker.group(level, group, *context.predict(group, blocks))
            units = [steps[BAND_OF[c]] for c in channels]
            to = [(grid[c], bands[BAND_OF[c]][places(c)]) for c in channels]
            _put(symbols, at, model, units, blocks, to)
        context.add(group, grid, blocks)


def _named(
    walker: Walker, level: int, group: int, among: Blocks, known: NDArray[np.generic]
) -> Blocks:
    """The blocks that the walker says have codes."""
    return among.only(walker.blocks(level, group, among, surroundings(known, among)))


def _put(
    symbols: NDArray[np.int32],
    at: Placement,
    model: Model,
    units: list[float],
    blocks: Blocks | None,
    to: list[tuple[NDArray[np.int32], NDArray[np.float64]]],
) -> None:
    """Codes and coefficients of a group to their planes."""
    limit = VALUE_LIMIT * 2.0**-16
    if blocks is None:
        planes, coefficient = zip(*to, strict=True)
        coefficients(symbols, at, model.tables, units, limit, planes, coefficient)
        return
    shape = len(to), blocks.numbers.size * SIDE, SIDE
    codes, values = np.empty(shape, np.int32), np.empty(shape)
    coefficients(symbols, at, model.tables, units, limit, list(codes), list(values))
    for code, value, (plane, band) in zip(codes, values, to, strict=True):
        blocks.scatter(code.reshape(-1, SIDE, SIDE), plane)
        blocks.scatter(value.reshape(-1, SIDE, SIDE), band)

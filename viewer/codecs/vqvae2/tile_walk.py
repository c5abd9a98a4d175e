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
from viewer.codecs.vqvae2.features import CodePlanes, base_features
from viewer.codecs.vqvae2.grid import BANDS, CHANNELS, band_shape, places
from viewer.codecs.vqvae2.level_context import LevelContext, base_of
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS, VALUE_LIMIT, detail_steps, lowest_step
from viewer.codecs.vqvae2.tables import Placement, coefficients
from viewer.codecs.vqvae2.wavelet import Bands, synthesise
from viewer.networks.vqvae2_prior import BAND_OF, GROUPS


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
    low : Tensor, float64, shape (h / 2, w / 2)
        The tile decoded by itself but for the details of level 1; what the prior has seen.
    """

    lowest: Tensor
    details: list[Bands]
    codes: list[NDArray[np.int32]]
    low: Tensor


class Walker(Protocol):
    """What `walk` asks."""

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Values of pass ``number`` of the lowest band."""

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Symbols of a group, flat, in the order (channel, row, column), and their placement.

        ``scale`` and ``mean`` are the prior's; the walker may shift the scales.
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
    parent: CodePlanes | None = None
    grandparent: CodePlanes | None = None
    for level in range(LEVELS, 0, -1):
        prior = model.prior(level)
        features = base_features(low, parent, grandparent, step_index, level, prior)
        context = LevelContext(prior, base_of(prior, features))
        shape = low.shape[0] // 2, low.shape[1] // 2
        grid = np.empty((CHANNELS, *shape), np.int32)
        steps = [step * 2.0**-8 for step in detail_steps(step_index)[level - 1]]
        bands = [np.empty(band_shape(band, *shape)) for band in range(BANDS)]
        for group, channels in enumerate(GROUPS):
            symbols, at = walker.group(level, group, *context.predict(group))
            coefficients(
                symbols,
                at,
                model.tables,
                [steps[BAND_OF[c]] for c in channels],
                VALUE_LIMIT * 2.0**-16,
                [grid[c] for c in channels],
                [bands[BAND_OF[c]][places(c)] for c in channels],
            )
            context.add(group, grid)
        codes.append(grid)
        hl_low, hl_high, lh_low, lh_high, hh = map(torch.from_numpy, bands)
        details.append((hl_low, hl_high, lh_low, lh_high, hh))
        if level > 1:
            low = synthesise(low, details[-1])
            parent, grandparent = context.planes(), parent
    return TileBands(lowest, details[::-1], codes[::-1], low)

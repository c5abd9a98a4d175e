"""A picture to coefficients, once for every rate."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.edges import Gains, remove
from viewer.codecs.vqvae2.grid import to_grid
from viewer.codecs.vqvae2.layout import Tile, padded, tiles
from viewer.codecs.vqvae2.steps import FRACTION_BITS, LEVELS
from viewer.codecs.vqvae2.tile_encoding import TileAnalysis
from viewer.codecs.vqvae2.wavelet import analyse


def to_picture(pixels: NDArray[np.integer], gains: Gains) -> Tensor:  # type: ignore[type-arg]
    """Stored values without their edges' gains, in 2**-6, float64.

    The last row and column are repeated to whole units.
    """
    rows, columns = pixels.shape
    values = torch.from_numpy(pixels.astype(np.float64)).mul_(1 << FRACTION_BITS)
    remove(values, gains, rows, columns)
    grown = np.pad(
        values.numpy(), ((0, padded(rows) - rows), (0, padded(columns) - columns)), mode="edge"
    )
    return torch.from_numpy(grown)


@torch.inference_mode()
def analyse_picture(picture: Tensor) -> tuple[Tensor, list[NDArray[np.float32]]]:
    """The lowest band, and details on their grids, level 1 first."""
    low = picture
    grids = []
    for _ in range(LEVELS):
        low, details = analyse(low)
        grids.append(to_grid([band.numpy().astype(np.float32) for band in details]))
    return low, grids


def cut(low: Tensor, grids: list[NDArray[np.float32]], tile: Tile) -> TileAnalysis:
    """The coefficients of one tile."""

    def part(shift: int) -> tuple[slice, slice]:
        return (
            slice(tile.top >> shift, (tile.top + tile.height) >> shift),
            slice(tile.left >> shift, (tile.left + tile.width) >> shift),
        )

    return TileAnalysis(
        low[part(LEVELS)].numpy().copy(),
        [
            np.ascontiguousarray(grid[(slice(None), *part(level + 1))])
            for level, grid in enumerate(grids, start=1)
        ],
        tile.height,
        tile.width,
    )


def analyse_tiles(
    pixels: NDArray[np.integer],  # type: ignore[type-arg]
    gains: Gains,
    tile: int,
) -> tuple[list[Tile], list[TileAnalysis]]:
    """Everything an encoder needs of a picture."""
    picture = to_picture(pixels, gains)
    low, grids = analyse_picture(picture)
    layout = tiles(pixels.shape[0], pixels.shape[1], tile)
    return layout, [cut(low, grids, t) for t in layout]

"""Coefficients of all tiles to the picture, in integers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.grid import BANDS, CHANNELS, band_shape
from viewer.codecs.vqvae2.layout import Tile, padded
from viewer.codecs.vqvae2.steps import LEVELS
from viewer.codecs.vqvae2.tile_walk import TileBands
from viewer.codecs.vqvae2.wavelet import synthesise

FILTER_LEVELS = 2
"""Levels whose codes the restoration filter sees."""


class Canvas:
    """Collects the tiles' coefficients and turns them into the picture.

    Parameters
    ----------
    rows, columns : int
        Of the picture, before padding.
    """

    def __init__(self, rows: int, columns: int) -> None:
        height, width = self._shape = padded(rows), padded(columns)
        self._alone: TileBands | None = None
        self._lowest = torch.zeros(height >> LEVELS, width >> LEVELS, dtype=torch.float64)
        self._details = [
            [
                torch.zeros(band_shape(band, height >> shift, width >> shift), dtype=torch.float64)
                for band in range(BANDS)
            ]
            for shift in range(2, LEVELS + 2)
        ]
        self._codes = [
            np.zeros((CHANNELS, height >> shift, width >> shift), np.int16)
            for shift in range(2, FILTER_LEVELS + 2)
        ]

    def place(self, tile: Tile, bands: TileBands) -> None:
        """Put a tile where it belongs."""

        def part(shift: int, high: int = 1, wide: int = 1) -> tuple[slice, slice]:
            top, left = (tile.top >> shift) * high, (tile.left >> shift) * wide
            bottom = ((tile.top + tile.height) >> shift) * high
            right = ((tile.left + tile.width) >> shift) * wide
            return slice(top, bottom), slice(left, right)

        for level, target in enumerate(self._codes):
            target[(slice(None), *part(level + 2))] = np.clip(bands.codes[level], -32767, 32767)
        if (tile.height, tile.width) == self._shape:
            self._alone = bands
            return
        self._lowest[part(LEVELS)] = bands.lowest
        for level, details in enumerate(bands.details):
            for number, band in enumerate(details):
                self._details[level][number][part(level + 2, *band_shape(number, 1, 1))] = band

    @torch.inference_mode()
    def picture(self) -> Tensor:
        """The padded picture in 2**-6 of a stored value, float64 integers."""
        if self._alone is not None:
            # A tile that is the whole picture has been put together already, to its last level.
            return synthesise(self._alone.low, self._alone.details[0])
        low = self._lowest
        for hl_low, hl_high, lh_low, lh_high, hh in reversed(self._details):
            low = synthesise(low, (hl_low, hl_high, lh_low, lh_high, hh))
        return low

    def codes(self) -> list[NDArray[np.int16]]:
        """Codes of levels 1 and 2 on their grids, for the restoration filter."""
        return self._codes

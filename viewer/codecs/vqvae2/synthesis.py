"""Coefficients of all tiles to the picture, in integers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from viewer.codecs.vqvae2.features import Bytes, Signs
from viewer.codecs.vqvae2.grid import BANDS, CHANNELS, band_shape
from viewer.codecs.vqvae2.layout import Tile, padded
from viewer.codecs.vqvae2.steps import LEVELS
from viewer.codecs.vqvae2.tile_walk import FILTER_LEVELS, TileBands
from viewer.codecs.vqvae2.wavelet import synthesise

LARGEST_SEEN = 240
"""Companded size of a code of 2**15 - 1: the filter sees larger ones as that."""


class Canvas:
    """Collects the tiles' coefficients and turns them into the picture.

    Parameters
    ----------
    rows, columns : int
        Of the picture, before padding.
    tiles : int
        How many will come.
    """

    def __init__(self, rows: int, columns: int, tiles: int) -> None:
        height, width = padded(rows), padded(columns)
        self._alone: TileBands | None = None
        self._one = tiles == 1
        if self._one:
            return
        self._lowest = torch.zeros(height >> LEVELS, width >> LEVELS, dtype=torch.float64)
        self._details = [
            [
                torch.zeros(band_shape(band, height >> shift, width >> shift), dtype=torch.float64)
                for band in range(BANDS)
            ]
            for shift in range(2, LEVELS + 2)
        ]
        self._signs = [
            np.zeros((2, CHANNELS, height >> shift, width >> shift), np.uint8)
            for shift in range(2, FILTER_LEVELS + 2)
        ]

    def place(self, tile: Tile, bands: TileBands) -> None:
        """Put a tile where it belongs."""

        def part(shift: int, high: int = 1, wide: int = 1) -> tuple[slice, slice]:
            top, left = (tile.top >> shift) * high, (tile.left >> shift) * wide
            bottom = ((tile.top + tile.height) >> shift) * high
            right = ((tile.left + tile.width) >> shift) * wide
            return slice(top, bottom), slice(left, right)

        if self._one:
            self._alone = bands
            return
        for level, (target, planes) in enumerate(zip(self._signs, bands.planes, strict=True)):
            for to, plane in zip(target, (planes.above, planes.below), strict=True):
                np.minimum(plane, LARGEST_SEEN, out=to[(slice(None), *part(level + 2))])
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

    def signs(self) -> list[Signs]:
        """What codes of levels 1 and 2 are above and below zero, for the restoration filter.

        Both ``(12, h, w)`` on the level's grid, companded.
        """
        if self._alone is None:
            return [(above, below) for above, below in self._signs]
        return [(_bounded(each.above), _bounded(each.below)) for each in self._alone.planes]


def _bounded(plane: Bytes) -> Bytes:
    return plane if plane.max() <= LARGEST_SEEN else np.minimum(plane, LARGEST_SEEN)

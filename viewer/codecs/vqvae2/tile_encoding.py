"""Choose and write the codes of one tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.lowest_band import scale_for
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS, detail_steps, lowest_step
from viewer.codecs.vqvae2.symbol_coding import SymbolEncoder, estimate_bits
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    REACH,
    SYMBOLS,
    Placement,
    Tables,
    place,
)
from viewer.codecs.vqvae2.tile_walk import TileBands, walk
from viewer.networks.vqvae2_prior import BAND_OF, GROUPS

LAMBDA = 0.11
"""Worth of a bit in squared steps: a little under the slope 0.1155 of a fine quantiser."""


@dataclass(frozen=True)
class TileAnalysis:
    """The coefficients of a tile, before quantising; made once for every rate.

    Parameters
    ----------
    lowest : ndarray of float64
        Raw units.
    details : list of ndarray of float32
        Level 1 first; each (12, h / 2**(level + 1), w / 2**(level + 1)), on the level's grid.
    height, width : int
    """

    lowest: NDArray[np.float64]
    details: list[NDArray[np.float32]]
    height: int
    width: int


def choose_symbols(
    values: NDArray[np.float32], at: Placement, tables: Tables, worth: float
) -> NDArray[np.int32]:
    """Symbols by distortion + worth x bits.

    Parameters
    ----------
    values : ndarray of float32, flat
        Coefficients in steps.
    worth : float
        Squared steps a bit is worth; 0 rounds.
    """
    rest = values - at.whole
    np.negative(rest, out=rest, where=at.mirrored)
    symbols = np.rint(rest).astype(np.int32)
    if worth <= 0:
        return symbols
    active = np.flatnonzero(symbols)
    if at.shift is not None:
        active = active[at.shift[active] == 0]
    near = symbols[active]
    lower = near - np.sign(near)
    row = at.row[active].astype(np.int32)
    value = rest[active]
    keep = _cost(value, near, row, tables, worth) <= _cost(value, lower, row, tables, worth)
    symbols[active] = np.where(keep, near, lower)
    return symbols


def _cost(
    value: NDArray[np.float32],
    symbol: NDArray[np.int32],
    row: NDArray[np.int32],
    tables: Tables,
    worth: float,
) -> NDArray[np.float32]:
    clipped = np.clip(symbol, -CENTROID_REACH, CENTROID_REACH) + CENTROID_REACH
    centre = tables.centroids.ravel()[row * (2 * CENTROID_REACH + 1) + clipped]
    error = value - symbol - centre.astype(np.float32) / 256
    bits = tables.bits.ravel()[row * SYMBOLS + np.clip(symbol, -REACH, REACH) + REACH]
    return error * error + np.float32(worth) * bits


class TileChooser:
    """A walker that chooses codes and writes them or, without a writer, counts their bits."""

    def __init__(
        self,
        analysis: TileAnalysis,
        model: Model,
        step_index: int,
        shifts: list[int],
        writer: SymbolEncoder | None = None,
        worth: float = LAMBDA,
    ) -> None:
        self._analysis = analysis
        self._tables = model.tables
        self._steps = detail_steps(step_index)
        step = lowest_step(step_index) / 256.0
        self._lowest = np.rint(analysis.lowest / step).astype(np.int32)
        self._shifts = shifts
        self._writer = writer
        self._worth = worth
        self.lowest_scales: list[int] = []
        self.bits = 0.0

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Take the band's own values; choose the scale that suits the pass."""
        values = self._lowest[rows, columns]
        residuals = (values - predictions).ravel()
        scale = scale_for(residuals)
        self.lowest_scales.append(scale)
        self._count(residuals, constant_placement(scale, residuals.size))
        return values

    def group(self, level: int, group: int, at: Placement) -> NDArray[np.int32]:
        """Choose the codes of a group."""
        channels = list(GROUPS[group])
        values = self._analysis.details[level - 1][channels]
        scale = np.array([256.0 / self._steps[level - 1][BAND_OF[c]] for c in channels], np.float32)
        flat = (values * scale[:, None, None]).ravel()
        symbols = choose_symbols(flat, at, self._tables, self._worth)
        self._count(symbols, at)
        return symbols

    def shift(self, level: int, group: int) -> int:
        """Scale shift of the group."""
        return self._shifts[(level - 1) * len(GROUPS) + group]

    def _count(self, symbols: NDArray[np.int32], at: Placement) -> None:
        if self._writer is not None:
            self._writer.put(symbols, at)
        else:
            self.bits += estimate_bits(symbols, at, self._tables)


def constant_placement(scale: int, size: int) -> Placement:
    """The placement of a pass of the lowest band."""
    return place(np.full(size, scale, np.int32), np.zeros(size, np.int32))


def no_shifts() -> list[int]:
    """Scale shifts of a tile whose statistics are those the model learned."""
    return [0] * (LEVELS * len(GROUPS))


def encode_tile(
    analysis: TileAnalysis, model: Model, step_index: int, shifts: list[int], worth: float = LAMBDA
) -> tuple[bytes, TileBands]:
    """Bytes of a tile (scale bytes, shift bytes, coded data) and what a decoder will see."""
    writer = SymbolEncoder(model.tables)
    chooser = TileChooser(analysis, model, step_index, shifts, writer, worth)
    bands = walk(model, step_index, analysis.height, analysis.width, chooser)
    head = bytes(chooser.lowest_scales) + bytes((s + 128) & 255 for s in shifts)
    return head + writer.finish(), bands

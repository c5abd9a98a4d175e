"""Choose and write the codes of one tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2 import active_loops
from viewer.codecs.vqvae2.active import (
    FIRST_OF_HH,
    LEVELS_IN_BLOCKS,
    SIDE,
    Blocks,
    flag_bits,
    flag_rows,
)
from viewer.codecs.vqvae2.dependent_choice import choose_dependent
from viewer.codecs.vqvae2.lane_coding import LaneEncoder
from viewer.codecs.vqvae2.later_coding import LaterEncoder, TileCode
from viewer.codecs.vqvae2.lowest_band import scale_for
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS, detail_steps, lowest_step
from viewer.codecs.vqvae2.symbol_coding import estimate_bits
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    REACH,
    ROWS,
    SYMBOLS,
    Placement,
    Tables,
    of_quantisers,
    place,
    to_codes,
    to_symbols,
)
from viewer.codecs.vqvae2.tile_walk import TileBands, walk
from viewer.codecs.vqvae2.trellis import LANE
from viewer.networks.vqvae2_prior import BAND_OF, GROUPS

LAMBDA = 0.11
"""Worth of a bit in squared steps: a little under the slope 0.1155 of a fine quantiser."""
DEPENDENT_LAMBDA = 0.07
"""The same with two quantisers, whose steps are larger."""

CODE_COST = 8.0
"""Bits reckoned for a code that is not zero in deciding whether a block is worth any."""
FLAG_COST = 5.0
"""Bits that a block with codes is reckoned to cost besides them."""
SHIFT_SAMPLE = 8192
"""About how many codes of a group decide the shift of its scales."""
SHORT_LANE = 32
"""Lanes of the sample, where only the number of bits matters."""
MAX_SHIFT = 12


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
        writer: LaneEncoder | None = None,
        worth: float | None = None,
    ) -> None:
        self._analysis = analysis
        self._tables = model.tables
        self._steps = detail_steps(step_index)
        step = lowest_step(step_index) / 256.0
        self._lowest = np.rint(analysis.lowest / step).astype(np.int32)
        self.shifts = [0] * (LEVELS * len(GROUPS))
        self._writer = writer
        self._worth = worth_of(model.tables) if worth is None else worth
        self.lowest_scales: list[int] = []
        self.bits = 0.0
        self.in_blocks = model.versions[-1] > 2
        self._blocks: Blocks | None = None

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Take the band's own values; choose the scale that suits the pass."""
        values = self._lowest[rows, columns]
        residuals = (values - predictions).ravel()
        scale = scale_for(residuals)
        self.lowest_scales.append(scale)
        at = constant_placement(scale, residuals.size)
        if self._writer is not None:
            self._writer.put(residuals, at)
        else:
            self.bits += estimate_bits(residuals, at, self._tables)
        return values

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Choose the codes of a group, after the shift of its scales that suits them."""
        flat = self._values(level, group)
        shift = _best_shift(flat, scale.ravel(), mean.ravel(), self._tables, self._worth)
        self.shifts[(level - 1) * len(GROUPS) + group] = shift
        at = place(scale, mean, shift)
        symbols, at = choose(flat, at, self._tables, self._worth)
        self._count(symbols, at)
        return symbols, at

    def _values(self, level: int, group: int) -> NDArray[np.float32]:
        """Coefficients of a group in steps, flat."""
        channels = list(GROUPS[group])
        values = self._analysis.details[level - 1][channels]
        if self.in_blocks and level <= LEVELS_IN_BLOCKS and self._blocks is not None:
            values = self._blocks.gather(values).reshape(len(channels), -1, SIDE)
        scale = [256.0 / self._steps[level - 1][BAND_OF[c]] for c in channels]
        return (values * np.array(scale, np.float32)[:, None, None]).ravel()

    def blocks(
        self, level: int, group: int, among: Blocks, classes: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Say which blocks are worth codes."""
        groups = range(FIRST_OF_HH, len(GROUPS)) if group else range(len(GROUPS))
        rows = flag_rows(level, group, classes)
        gain = np.zeros(among.numbers.size)
        for channel in [c for g in groups for c in GROUPS[g]]:
            step = self._steps[level - 1][BAND_OF[channel]] / 256.0
            values = among.gather(self._analysis.details[level - 1][channel : channel + 1])[0]
            active_loops.gains(values, 1 / step, CODE_COST * self._worth, gain)
        flags = gain > FLAG_COST * self._worth
        self._blocks = among.only(flags)
        if self._writer is not None:
            self._writer.put_flags(flags, rows)
        else:
            self.bits += float(flag_bits(flags, rows).sum())
        return flags

    def _count(self, symbols: NDArray[np.int32], at: Placement) -> None:
        if self._writer is None:
            self.bits += estimate_bits(symbols, at, self._tables)
        elif self._tables.dependent:
            self._writer.put_lanes(symbols, at)
        else:
            self._writer.put(symbols, at)


def worth_of(tables: Tables) -> float:
    """Worth of a bit, in squared steps, that suits these tables."""
    return DEPENDENT_LAMBDA if tables.dependent else LAMBDA


def choose(
    values: NDArray[np.float32],
    at: Placement,
    tables: Tables,
    worth: float,
    lane: int = LANE,
) -> tuple[NDArray[np.int32], Placement]:
    """Symbols of a group and, with two quantisers, the placement that names them."""
    if tables.dependent:
        return choose_dependent(values, at, tables, worth, lane)
    return choose_symbols(values, at, tables, worth), at


def constant_placement(scale: int, size: int) -> Placement:
    """The placement of a pass of the lowest band."""
    return place(np.full(size, scale, np.int32), np.zeros(size, np.int32))


def _best_shift(
    values: NDArray[np.float32],
    scale: NDArray[np.int16],
    mean: NDArray[np.int16],
    tables: Tables,
    worth: float,
) -> int:
    """The shift of a group's scales that takes the fewest bits, judged on a sample."""
    every = max(1, values.size // SHIFT_SAMPLE)
    values, scale, mean = values[::every], scale[::every], mean[::every]
    symbols, chosen = choose(values, place(scale, mean), tables, worth, SHORT_LANE)
    codes = to_codes(symbols, chosen)

    def bits(shift: int) -> float:
        at = place(scale, mean, shift)
        # Mirroring may differ where scales pass the bound of shifted symbols.
        symbols = to_symbols(codes, at)
        if tables.dependent:
            at = of_quantisers(at, (chosen.row >= ROWS).astype(np.int8))
        return estimate_bits(symbols, at, tables)

    best, least = 0, bits(0)
    for direction in (-1, 1):
        shift = direction
        while abs(shift) <= MAX_SHIFT and (found := bits(shift)) < least:
            best, least = shift, found
            shift += direction
        if best:
            break
    return best


def encode_tile(
    analysis: TileAnalysis, model: Model, step_index: int, worth: float | None = None
) -> tuple[TileCode, TileBands]:
    """The bitstream of a tile, to be written when it is wanted, and what a decoder will see."""
    writer = LaterEncoder(model.tables)
    chooser = TileChooser(analysis, model, step_index, writer, worth)
    bands = walk(model, step_index, analysis.height, analysis.width, chooser)
    head = bytes(chooser.lowest_scales) + bytes(s + 128 for s in chooser.shifts)
    return TileCode(head, writer), bands

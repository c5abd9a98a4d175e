"""Choose codes of two quantisers by distortion and bits, lane by lane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.symbol_coding import excess_bits, shifted
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    REACH,
    ROWS,
    SYMBOLS,
    Placement,
    Tables,
    of_quantisers,
)
from viewer.codecs.vqvae2.trellis import CLASSES, LANE, cheapest

_CENTROIDS = 2 * CENTROID_REACH + 1


class _Costs:
    """What codes of a group cost: squared error, in steps, and bits."""

    def __init__(
        self, values: NDArray[np.float32], at: Placement, tables: Tables, worth: float
    ) -> None:
        self.at = at
        self._tables = tables
        self._worth = np.float32(worth)
        # As mirrored symbols have it: there, values and whole means are mirrored too.
        turned = np.where(at.mirrored, -values, values)
        self.whole = np.where(at.mirrored, -at.whole, at.whole)
        self.size = np.abs(turned)
        self.sign = np.where(turned < 0, np.int32(-1), np.int32(1))
        self._row = at.row.astype(np.int32)
        self._plain = not self.whole.any()

    def of(
        self, sizes: NDArray[np.int32], quantiser: int, where: NDArray[np.intp] | slice
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Costs of codes of these sizes and the values' signs, and their symbols."""
        sign = self.sign[where]
        symbols = sizes * sign
        if not self._plain:
            symbols = symbols - self.whole[where]
        row = self._row[where] + ROWS * quantiser
        near = np.clip(symbols, -CENTROID_REACH, CENTROID_REACH)
        near += row * _CENTROIDS + CENTROID_REACH
        centre = self._tables.centres.take(near)
        if self.at.shift is None:
            bits = self._bits(symbols, row)
        else:
            shift = self.at.shift[where]
            centre[shift > 0] = 0
            high, _ = shifted(symbols, shift)
            bits = self._bits(high, row) + shift
        error = self.size[where] - sizes.astype(np.float32)
        centre *= sign.astype(np.float32)
        error -= centre
        if quantiser:
            error += np.float32(0.5) * (sizes > 0)
        error *= error
        error += self._worth * bits
        return error, symbols

    def _bits(self, high: NDArray[np.int32], row: NDArray[np.int32]) -> NDArray[np.float32]:
        near = np.clip(high, -REACH, REACH)
        far = near != high
        near += row * SYMBOLS + REACH
        bits = self._tables.bits.ravel().take(near)
        if far.any():
            bits[far] += excess_bits(high[far])
        return bits


def choose_dependent(
    values: NDArray[np.float32], at: Placement, tables: Tables, worth: float, lane: int = LANE
) -> tuple[NDArray[np.int32], Placement]:
    """Symbols, and the placement with the tables of each code's quantiser.

    Of each quantiser's even and odd codes the nearest is a candidate, and zero beside two.

    Parameters
    ----------
    values : ndarray of float32, flat
        Coefficients in steps.
    at : Placement
        Without quantisers.
    worth : float
        Squared steps a bit is worth.
    lane : int
        Codes a lane has; a bitstream has `LANE`, guesses may have fewer.
    """
    costs = np.empty((CLASSES, values.size), np.float32)
    symbols = np.empty((CLASSES, values.size), np.int32)
    group = _Costs(values, at, tables, worth)
    for quantiser in (0, 1):
        for odd in (0, 1):
            kind = 2 * quantiser + odd
            half = group.size * np.float32(0.5)
            half += np.float32(0.25 * quantiser - 0.5 * odd + 0.5)
            sizes = half.astype(np.int32)
            sizes <<= 1
            sizes += odd
            costs[kind], symbols[kind] = group.of(sizes, quantiser, slice(None))
            if not odd:
                beside = np.flatnonzero(sizes == 2)
                zero, symbol = group.of(np.zeros_like(sizes[beside]), quantiser, beside)
                lower = zero < costs[kind][beside]
                chosen = beside[lower]
                costs[kind][chosen], symbols[kind][chosen] = zero[lower], symbol[lower]
    kinds = cheapest(costs, lane)
    found = symbols.ravel().take(kinds.astype(np.intp) * values.size + np.arange(values.size))
    return found, of_quantisers(at, kinds >> 1)

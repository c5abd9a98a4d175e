"""A reader of tiles that notes what it reads: every code's bits, where it lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.active import (
    CELLS,
    LEVELS_IN_BLOCKS,
    SIDE,
    Blocks,
    flag_bits,
    flag_rows,
)
from viewer.codecs.vqvae2.lane_coding import LaneDecoder
from viewer.codecs.vqvae2.lowest_band import passes
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS
from viewer.codecs.vqvae2.symbol_coding import shifted
from viewer.codecs.vqvae2.tables import REACH, SCALES, Placement, Tables, place
from viewer.codecs.vqvae2.tile_decoding import SHIFTS, TileReader
from viewer.codecs.vqvae2.tile_walk import TileBands, walk
from viewer.errors import CodecError


@dataclass(eq=False)
class HeardTile:
    """A tile as it is decoded, with the bits of its codes.

    Parameters
    ----------
    bands : TileBands
    lowest_codes : ndarray of int32, shape (h / 32, w / 32)
        Of the lowest band, in its steps.
    lowest_bits : ndarray of float32, the same shape
    bits : list of ndarray of float32
        Of the codes of a level, level 1 first, summed over the 12 channels of each place of its
        grid: (h / 4, w / 4) for level 1.
    head_bytes : int
        Of the scales and shifts that precede the coded data.
    """

    bands: TileBands
    lowest_codes: NDArray[np.int32]
    lowest_bits: NDArray[np.float32]
    bits: list[NDArray[np.float32]]
    head_bytes: int


def symbol_bits(symbols: NDArray[np.int32], at: Placement, tables: Tables) -> NDArray[np.float32]:
    """Bits of each symbol by the tables it is coded with: in sum what the coder writes, rounded."""
    high, _ = shifted(symbols, at.shift)
    clipped = np.clip(high, -REACH, REACH) + REACH
    bits = tables.bits[at.row.astype(np.intp), clipped].astype(np.float32)
    if at.shift is not None:
        bits += at.shift
    far = np.abs(high) >= REACH
    # An escape: five bits for the length of the excess, and its digits below the first.
    bits[far] += 5 + np.floor(np.log2(np.abs(high[far]) - (REACH - 1)))
    return bits


class _Listener:
    """A walker that lets another read."""

    def __init__(self, reader: TileReader, scales: bytes, tables: Tables, shape: tuple[int, int]):
        self._reader = reader
        self._scales = scales
        self._tables = tables
        height, width = shape
        self.in_blocks = reader.in_blocks
        self._blocks: Blocks | None = None
        self.codes = np.zeros((height >> LEVELS, width >> LEVELS), np.int32)
        self.lowest_bits = np.zeros(self.codes.shape, np.float32)
        self.bits = [
            np.zeros((height >> level + 1, width >> level + 1), np.float32)
            for level in range(1, LEVELS + 1)
        ]

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Note a pass of the lowest band."""
        values = self._reader.lowest(number, predictions, rows, columns)
        size = predictions.size
        scale = np.full(size, self._scales[number], np.int32)
        at = place(scale, np.zeros(size, np.int32))
        found = symbol_bits((values - predictions).astype(np.int32).ravel(), at, self._tables)
        self.lowest_bits[rows, columns] = found.reshape(predictions.shape)
        self.codes[rows, columns] = values
        return values

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Note a group of a level."""
        symbols, at = self._reader.group(level, group, scale, mean)
        plane = self.bits[level - 1]
        found = symbol_bits(symbols, at, self._tables)
        if self._blocks is None or not self.in_blocks or level > LEVELS_IN_BLOCKS:
            plane += found.reshape(-1, *plane.shape).sum(axis=0)
        else:
            there = np.zeros_like(plane)
            blocks = found.reshape(-1, self._blocks.numbers.size, SIDE, SIDE).sum(axis=0)
            self._blocks.scatter(blocks, there)
            plane += there
        return symbols, at

    def blocks(
        self, level: int, group: int, among: Blocks, classes: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Note which blocks have codes, and share the bits of saying so among their places."""
        flags = self._reader.blocks(level, group, among, classes)
        rows = flag_rows(level, group, classes)
        bits = flag_bits(flags, rows).astype(np.float32) / CELLS
        there = np.zeros_like(self.bits[level - 1])
        among.scatter(np.broadcast_to(bits[:, None, None], (bits.size, SIDE, SIDE)).copy(), there)
        self.bits[level - 1] += there
        self._blocks = among.only(flags)
        return flags


def hear_tile(
    data: bytes, model: Model, step_index: int, height: int, width: int, version: int
) -> HeardTile:
    """Decode a tile of a bitstream whose checksums were checked, and note its bits.

    Raises
    ------
    CodecError
        When no encoder writes such a tile.
    """
    count = passes(height >> LEVELS, width >> LEVELS)
    if len(data) < count + SHIFTS or (len(data) - count - SHIFTS) % 4:
        raise CodecError("The coded image is damaged: a tile has an impossible length.")
    if max(data[:count]) >= SCALES:
        raise CodecError("The coded image is damaged: a scale is out of bounds.")
    scales, shifts = data[:count], data[count : count + SHIFTS]
    decoder = LaneDecoder(model.tables, data[count + SHIFTS :])
    reader = TileReader(scales, shifts, decoder, version)
    listener = _Listener(reader, scales, model.tables, (height, width))
    bands = walk(model, step_index, height, width, listener)
    return HeardTile(bands, listener.codes, listener.lowest_bits, listener.bits, count + SHIFTS)

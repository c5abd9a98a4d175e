"""Read the codes of one tile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.vqvae2.active import Blocks, flag_rows
from viewer.codecs.vqvae2.lane_coding import LaneDecoder
from viewer.codecs.vqvae2.lowest_band import passes
from viewer.codecs.vqvae2.model import Model
from viewer.codecs.vqvae2.steps import LEVELS
from viewer.codecs.vqvae2.tables import SCALES, Placement, place
from viewer.codecs.vqvae2.tile_walk import TileBands, walk
from viewer.errors import CodecError
from viewer.networks.vqvae2_prior import GROUPS

SHIFTS = LEVELS * len(GROUPS)


class TileReader:
    """A walker that reads codes of a version of the bitstream."""

    def __init__(self, scales: bytes, shifts: bytes, reader: LaneDecoder, version: int) -> None:
        self._scales = scales
        self._shifts = shifts
        self._reader = reader
        self._dependent = version > 1
        self.in_blocks = version > 2

    def lowest(
        self, number: int, predictions: NDArray[np.int32], rows: slice, columns: slice
    ) -> NDArray[np.int32]:
        """Read the residuals of a pass."""
        size = predictions.size
        at = place(np.full(size, self._scales[number], np.int32), np.zeros(size, np.int32))
        return predictions + self._reader.get(at).reshape(predictions.shape)

    def group(
        self, level: int, group: int, scale: NDArray[np.int16], mean: NDArray[np.int16]
    ) -> tuple[NDArray[np.int32], Placement]:
        """Read the codes of a group."""
        shift = self._shifts[(level - 1) * len(GROUPS) + group] - 128
        at = place(scale, mean, shift)
        return self._reader.get_lanes(at) if self._dependent else (self._reader.get(at), at)

    def blocks(
        self, level: int, group: int, among: Blocks, classes: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Read which blocks have codes."""
        return self._reader.get_flags(flag_rows(level, group, classes))


def decode_tile(
    data: bytes, model: Model, step_index: int, height: int, width: int, version: int
) -> TileBands:
    """Undo `viewer.codecs.vqvae2.tile_encoding.encode_tile`.

    Raises
    ------
    CodecError
        When no encoder writes such a tile.
    """
    count = passes(height >> LEVELS, width >> LEVELS)
    if len(data) < count + SHIFTS or (len(data) - count - SHIFTS) % 4:
        raise CodecError("The coded image is damaged: a tile has an impossible length.")
    scales, shifts = data[:count], data[count : count + SHIFTS]
    if max(scales) >= SCALES:
        raise CodecError("The coded image is damaged: a scale is out of bounds.")
    reader = LaneDecoder(model.tables, data[count + SHIFTS :])
    walker = TileReader(scales, shifts, reader, version)
    return walk(model, step_index, height, width, walker)

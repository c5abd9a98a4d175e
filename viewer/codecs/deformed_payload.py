"""What follows the header of a `deformed` bitstream: size of the grid, density, small picture.

All numbers are little-endian::

    offset  size  what
    0       2     rows of the grid, 2 .. 4096
    2       2     columns of the grid, 2 .. 4096
    4       1     FWHM of the Gaussian in 1/256 of the side
    5       1     codec of the small picture: 0 jpeg2000, 1 vqvae2
    6       2     length of the density map in bytes
    8             density map (`viewer.codecs.level_map`), 32 x 32 levels
                  bitstream of the small picture, to the end
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.codecs import level_map
from viewer.errors import CodecError, SamplingError
from viewer.sampling.fixed_grid import NODES, grid_of_levels
from viewer.sampling.grid import Grid

INNER = ("jpeg2000", "vqvae2")

_FIELDS = struct.Struct("<HHBBH")


@dataclass(frozen=True, eq=False)
class Deformation:
    """Where the samples of a picture lie.

    Attributes
    ----------
    rows, columns
        Of the grid.
    width
        FWHM in 1/256 of the side.
    levels
        uint8 (32, 32).
    """

    rows: int
    columns: int
    width: int
    levels: NDArray[np.uint8]

    def grid(self) -> Grid:
        """Return the grid, the same to the bit everywhere.

        Raises
        ------
        CodecError
            When no encoder writes such a deformation.
        """
        try:
            return grid_of_levels(self.levels, (self.rows, self.columns), self.width)
        except SamplingError as error:
            raise CodecError(f"The deformed bitstream has an impossible grid: {error}") from error


def pack_map(deformation: Deformation, inner: str) -> bytes:
    """Return the bytes before the small picture's bitstream."""
    coded = level_map.encode(deformation.levels)
    fields = _FIELDS.pack(
        deformation.rows, deformation.columns, deformation.width, INNER.index(inner), len(coded)
    )
    return fields + coded


def unpack(payload: bytes) -> tuple[Deformation, str, bytes]:
    """Return the deformation, the name of the inner codec and its bitstream.

    Raises
    ------
    CodecError
    """
    if len(payload) < _FIELDS.size:
        raise CodecError("The deformed bitstream is truncated.")
    rows, columns, width, inner, length = _FIELDS.unpack_from(payload)
    if inner >= len(INNER):
        raise CodecError("The deformed bitstream names an unknown codec for its samples.")
    if len(payload) < _FIELDS.size + length:
        raise CodecError("The deformed bitstream is truncated.")
    levels = level_map.decode(payload[_FIELDS.size : _FIELDS.size + length], NODES, NODES)
    deformation = Deformation(rows, columns, width, levels)
    return deformation, INNER[inner], payload[_FIELDS.size + length :]

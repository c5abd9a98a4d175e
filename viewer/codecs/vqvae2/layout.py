"""Where the tiles of a picture lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from viewer.codecs.vqvae2.steps import LEVELS

UNIT = 1 << (LEVELS + 1)
"""Pictures are padded to multiples of this many pixels."""
DEFAULT_TILE = 1024
MIN_TILE = 128
MAX_TILE = 4096


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the padded picture, in pixels; all multiples of `UNIT`."""

    top: int
    left: int
    height: int
    width: int


def padded(size: int) -> int:
    """The next multiple of `UNIT`."""
    return -(-size // UNIT) * UNIT


def _cuts(size: int, tile: int) -> list[tuple[int, int]]:
    """Start and length of as few pieces as possible, as equal as possible."""
    units = padded(size) // UNIT
    count = -(-units * UNIT // tile)
    edges = [units * i // count * UNIT for i in range(count + 1)]
    return [(a, b - a) for a, b in pairwise(edges)]


def tiles(rows: int, columns: int, tile: int) -> list[Tile]:
    """Tiles in reading order.

    Parameters
    ----------
    rows, columns : int
        Of the picture, before padding.
    tile : int
        Largest side, a multiple of `UNIT`.
    """
    return [
        Tile(top, left, height, width)
        for top, height in _cuts(rows, tile)
        for left, width in _cuts(columns, tile)
    ]

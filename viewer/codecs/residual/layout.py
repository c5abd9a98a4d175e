"""Where tiles lie, and the four phases in which the pixels of a tile are known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

TILE = 1024
MIN_TILE, MAX_TILE = 64, 4096
UNIT = 64

PHASES = ((0, 0), (1, 1), (0, 1), (1, 0))
"""Rows and columns, modulo 2, of the pixels coded first, second, third and last."""

REACH = 2
"""Rows and columns around a pixel that are looked at."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of the picture, in pixels."""

    top: int
    left: int
    height: int
    width: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pixel beside the one being coded, as a place in one of the four planes.

    Parameters
    ----------
    plane : int
        Number of the phase it belongs to.
    down, right : int
        How far its place in the plane lies from that of the pixel, -1 .. 1.
    """

    plane: int
    down: int
    right: int


def _cuts(size: int, tile: int) -> list[tuple[int, int]]:
    """Start and length of as few pieces as possible, as equal as can be, even but the last."""
    halves = -(-size // 2)
    count = -(-2 * halves // tile)
    edges = [min(halves * i // count * 2, size) for i in range(count)] + [size]
    return [(a, b - a) for a, b in pairwise(edges)]


def tiles(rows: int, columns: int, tile: int) -> list[Tile]:
    """Tiles in reading order; ``tile`` is the largest side, even."""
    return [
        Tile(top, left, height, width)
        for top, height in _cuts(rows, tile)
        for left, width in _cuts(columns, tile)
    ]


def _neighbour(phase: int, down: int, right: int) -> Neighbour:
    y, x = PHASES[phase][0] + down, PHASES[phase][1] + right
    return Neighbour(PHASES.index((y % 2, x % 2)), y // 2, x // 2)


def known_neighbours(phase: int) -> tuple[Neighbour, ...]:
    """Pixels within two rows and columns that are coded before a phase, in reading order."""
    reach = range(-REACH, REACH + 1)
    every = [_neighbour(phase, down, right) for down in reach for right in reach]
    return tuple(one for one in every if one.plane < phase)


CROSS = ((0, 1), (0, -1), (1, 0), (-1, 0))
"""Rows and columns to the four nearest pixels."""

AROUND = (*CROSS, (1, 1), (-1, -1), (1, -1), (-1, 1), (0, 2), (0, -2), (2, 0), (-2, 0))
"""Rows and columns to the pixels of the decoded picture that are looked at."""


def picture_neighbours(phase: int) -> tuple[Neighbour, ...]:
    """The pixels of `AROUND`."""
    return tuple(_neighbour(phase, down, right) for down, right in AROUND)


def phase_shape(phase: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of a tile's pixels of a phase."""
    return (height - PHASES[phase][0] + 1) // 2, (width - PHASES[phase][1] + 1) // 2

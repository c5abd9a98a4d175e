"""Blocks of the fine levels that have codes at all; the others are neither coded nor predicted.

Bitstream version 3. The grids of levels 1 and 2 are cut into blocks of 8x8 cells (32x32 and 64x64
pixels). Before the first group of such a level comes a flag for each of its blocks: whether any
of its codes may differ from zero. Before the groups of HH comes one for each block that has got
the first: whether any code of HH may. How likely a flag is set follows from what is known
around the block; `FLAG_FREQUENCIES` says how likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.range_loops import left_cumulatives
from viewer.codecs.vqvae2 import active_loops
from viewer.networks.vqvae2_prior import GROUPS

T = TypeVar("T", bound=np.generic)
SIDE = 8
"""Cells of a block's side."""
LEVELS_IN_BLOCKS = 2
"""The finest levels, which are coded in blocks."""
FIRST_OF_HH = 3
"""The group before which the flags of HH come."""
CELLS = SIDE * SIDE

EDGES = (1, 2, 4, 8, 16, 24, 36, 54, 81, 122, 182, 273, 410, 615, 922, 1383, 2074, 3110)
"""Lower ends of the classes of surroundings; class 0 is below the first."""
CLASSES = len(EDGES) + 1
FLAG_BITS = 16
# Of 2**16: how often a flag is set, by level and round (1 first, 1 HH, 2 first, 2 HH) and class;
# counted on 28 radiographs of the training's at six rates.
# fmt: off
_SET = (
    (67, 103, 180, 180, 362, 781, 1318, 2007, 4775, 6260, 7655, 8869, 11851, 18333, 36694,
     59517, 65305, 65400, 65400),
    (1570, 1570, 1570, 1707, 1738, 1738, 1738, 1738, 1738, 1738, 2368, 2833, 3170, 4293,
     5709, 8577, 17671, 39965, 56608),
    (73, 275, 275, 445, 485, 2016, 2016, 3837, 6518, 8571, 13592, 19557, 25746, 35429, 52242,
     63575, 65472, 65472, 65472),
    (4551, 4551, 4551, 4551, 4551, 4551, 4551, 4551, 4551, 4551, 4551, 4967, 8894, 13611,
     18790, 28338, 47530, 61689, 65472),
)
# fmt: on
FLAG_FREQUENCIES = np.array([((1 << FLAG_BITS) - n, n) for part in _SET for n in part], np.int32)
FLAG_LEFTS = left_cumulatives(FLAG_FREQUENCIES, FLAG_BITS)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Some of the blocks of a grid.

    Parameters
    ----------
    down, across : int
        Blocks the grid has.
    numbers : ndarray of int32
        Which ones, counted row by row, rising.
    """

    down: int
    across: int
    numbers: NDArray[np.int32]

    @classmethod
    def every(cls, rows: int, columns: int) -> Blocks:
        """All blocks of a grid of so many cells, multiples of `SIDE`."""
        down, across = rows // SIDE, columns // SIDE
        return cls(down, across, np.arange(down * across, dtype=np.int32))

    @property
    def share(self) -> float:
        """Part of the grid they are."""
        return self.numbers.size / (self.down * self.across)

    def part(self, first: int, last: int) -> Blocks:
        """Those from the ``first`` to before the ``last`` of them."""
        return Blocks(self.down, self.across, self.numbers[first:last])

    def only(self, flags: NDArray[np.bool_]) -> Blocks:
        """Those whose flag is set."""
        return Blocks(self.down, self.across, self.numbers[flags])

    def gather(self, planes: NDArray[T]) -> NDArray[T]:
        """Cut them out of ``(n, h, w)``: ``(n, blocks, SIDE, SIDE)``."""
        out = np.empty((len(planes), self.numbers.size, SIDE, SIDE), planes.dtype)
        active_loops.gather(planes, self.numbers, self.across, SIDE, out)
        return out

    def scatter(self, blocks: NDArray[T], out: NDArray[T]) -> None:
        """Put ``(blocks, SIDE, SIDE)`` into a plane."""
        active_loops.scatter(blocks, self.numbers, self.across, SIDE, out)

    def accumulate(self, blocks: NDArray[np.uint8], out: NDArray[np.uint16]) -> None:
        """Add ``(blocks, SIDE, SIDE)`` to a plane."""
        active_loops.accumulate(blocks, self.numbers, self.across, SIDE, out)


def surroundings(planes: NDArray[np.generic], among: Blocks) -> NDArray[np.int64]:
    """Class of what is known around each block.

    Four times the values of the planes that are not zero in the block, and those of the eight
    blocks around it; by `EDGES`.

    Parameters
    ----------
    planes : ndarray, shape (n, h, w)
        Codes or their sizes, on the level's grid or the next coarser one.
    among : Blocks
    """
    counts = np.zeros((among.down + 2, among.across + 2), np.int64)
    inside = counts[1:-1, 1:-1]
    active_loops.count(planes, planes.shape[1] // among.down, inside)
    rows = counts[:-2] + counts[1:-1] + counts[2:]
    total = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] + 3 * inside
    return np.searchsorted(EDGES, total.ravel()[among.numbers], side="right")


def flag_rows(level: int, group: int, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of `FLAG_FREQUENCIES` for the flags before a group."""
    half = int(group >= FIRST_OF_HH)
    return ((level - 1) * 2 + half) * CLASSES + classes


def flag_bits(flags: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Bits that each flag takes; no decoder needs it."""
    often = FLAG_FREQUENCIES[rows, flags.astype(np.intp)]
    return FLAG_BITS - np.log2(often)


assert GROUPS[FIRST_OF_HH][0] == 8

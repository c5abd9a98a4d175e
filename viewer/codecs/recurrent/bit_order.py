"""The order in which the places of a map are coded, and the neighbours known at each.

A map is coded from coarse to fine: every eighth place of every eighth row, then the places in the
middle of four known ones (quincunx), then those between, at steps of 4, 2 and 1. Most places are
so coded between four known neighbours, and all places of a step at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

_COARSEST = 8
_TOGETHER = 256
"""Places of a step at most: chances are learned from the steps before."""

FIRST, COARSE, MIDDLE, BETWEEN = range(4)
"""Kinds of steps: without neighbours, with distant ones, and the two finest."""

KINDS = 4


@dataclass(frozen=True)
class Step:
    """Places coded together.

    Attributes
    ----------
    kind : int
        `FIRST` .. `BETWEEN`.
    places : ndarray, shape (n,)
        Numbers in the flattened map.
    neighbours : ndarray, shape (4, n)
        Numbers of known places beside them; height x width stands for one outside the map.
    """

    kind: int
    places: Places
    neighbours: Places


@lru_cache(maxsize=8)
def steps(height: int, width: int) -> tuple[Step, ...]:
    """Return the steps of a map of height x width places; together they hold each place once."""
    found = [_step(FIRST, height, width, (0, 0, _COARSEST), ())]
    reach = _COARSEST // 2
    while reach:
        kinds = (MIDDLE, BETWEEN) if reach == 1 else (COARSE, COARSE)
        diagonal = ((-reach, -reach), (-reach, reach), (reach, -reach), (reach, reach))
        direct = ((-reach, 0), (reach, 0), (0, -reach), (0, reach))
        found.append(_step(kinds[0], height, width, (reach, reach, 2 * reach), diagonal))
        found.append(
            _joined(
                _step(kinds[1], height, width, (0, reach, 2 * reach), direct),
                _step(kinds[1], height, width, (reach, 0, 2 * reach), direct),
            )
        )
        reach //= 2
    return tuple(part for step in found for part in _parts(step))


def _parts(step: Step) -> list[Step]:
    starts = range(0, step.places.size, _TOGETHER)
    return [
        Step(step.kind, step.places[k : k + _TOGETHER], step.neighbours[:, k : k + _TOGETHER])
        for k in starts
    ]


def _step(
    kind: int,
    height: int,
    width: int,
    lattice: tuple[int, int, int],
    reached: tuple[tuple[int, int], ...],
) -> Step:
    top, left, apart = lattice
    down_to, right_to = np.meshgrid(
        np.arange(top, height, apart), np.arange(left, width, apart), indexing="ij"
    )
    rows, columns = down_to.ravel(), right_to.ravel()
    neighbours = np.full((4, rows.size), height * width, np.int64)
    for number, (down, right) in enumerate(reached):
        y, x = rows + down, columns + right
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        neighbours[number, inside] = (y * width + x)[inside]
    return Step(kind, rows * width + columns, neighbours)


def _joined(one: Step, other: Step) -> Step:
    return Step(
        one.kind,
        np.concatenate((one.places, other.places)),
        np.concatenate((one.neighbours, other.neighbours), axis=1),
    )

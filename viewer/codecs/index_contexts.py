"""The order in which code indices are written, and the context each is written in.

All arithmetic is on integers, so that encoder and decoder agree on every machine.  The top level's
means come first, on
grids that halve their spacing, each predicted from the coarser neighbours.  Everything else is
written in four
interlaced passes (a place is surrounded by places of earlier passes), so that all symbols of a pass
and group are
independent given their contexts and can be coded as arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from viewer.codecs.index_tables import (
    DC_LEVELS,
    DC_SPREADS,
    SLOPE_ENERGIES,
    SLOPES,
    IndexTables,
    Integers,
)

PASSES = ((0, 0), (1, 1), (0, 1), (1, 0))
"""Row and column parity of each pass."""

_DIRECT = ((-1, 0), (1, 0), (0, -1), (0, 1))
_DIAGONAL = ((-1, -1), (-1, 1), (1, -1), (1, 1))
_COARSEST = 16
_WEIGHT_BITS = 10


@dataclass(frozen=True)
class Step:
    """One array of symbols that is written at once.

    Attributes
    ----------
    level, group
        "top" or "bottom", and the number of the group of components.
    rows, columns
        Places of the symbols in the level's index map, one dimension each of equal length.
    contexts
        Context of each symbol.
    shift
        What is subtracted from an index, modulo the codebook's size, to give the symbol; None for
        nothing.
    features
        Energy features of each place, shape (places, features); None for the means.
    phase
        Number of the pass, which chooses the weights of the features.
    """

    level: str
    group: int
    rows: Integers
    columns: Integers
    contexts: Integers
    shift: Integers | None
    features: Integers | None
    phase: int

    def symbols(self, indices: Integers, size: int) -> Integers:
        """Symbols that stand for indices."""
        return indices if self.shift is None else (indices - self.shift) % size

    def indices(self, symbols: Integers, size: int) -> Integers:
        """Indices that symbols stand for."""
        return symbols if self.shift is None else (symbols + self.shift) % size


class IndexWalk:
    """Goes through the index maps of a picture, one step at a time.

    After each step of :meth:`steps` its indices must be given to :meth:`put`, because later
    contexts depend on them.

    Parameters
    ----------
    tables
        Of the model.
    height, width
        Of the top index map; the bottom one has twice as many places each way.
    """

    def __init__(self, tables: IndexTables, height: int, width: int) -> None:
        self.tables = tables
        shape = (height, width)
        self.top = np.zeros((len(tables.top), *shape), np.int64)
        self.bottom = np.zeros((len(tables.bottom), 2 * height, 2 * width), np.int64)
        self._means = np.zeros(shape, np.int64)
        self._known = np.zeros(shape, bool)
        self._energies = {
            "top": np.zeros_like(self.top),
            "bottom": np.zeros_like(self.bottom),
        }

    def put(self, step: Step, indices: Integers) -> None:
        """Note the indices of a step."""
        maps = self.top if step.level == "top" else self.bottom
        maps[step.group, step.rows, step.columns] = indices
        groups = self.tables.top if step.level == "top" else self.tables.bottom
        energies = groups[step.group].energies[indices]
        self._energies[step.level][step.group, step.rows, step.columns] = energies
        if step.level == "top" and step.group == 0:
            self._means[step.rows, step.columns] = self.tables.means[indices]
            self._known[step.rows, step.columns] = True

    def forget_bottom(self) -> None:
        """Go back to the end of the top level, to choose the bottom level anew."""
        self.bottom[:] = 0
        self._energies["bottom"][:] = 0

    def steps(self) -> Iterator[Step]:
        """Yield the steps in order: :meth:`top_steps`, then :meth:`bottom_steps`."""
        yield from self.top_steps()
        yield from self.bottom_steps()

    def top_steps(self) -> Iterator[Step]:
        """Yield the steps of the top level."""
        yield from (step for step in self._mean_steps() if step.rows.size)
        fixed = self._mean_features()
        for phase in range(len(PASSES)):
            yield from self._pass_steps("top", phase, fixed, first=1)

    def bottom_steps(self) -> Iterator[Step]:
        """Yield the steps of the bottom level; the top level must have been put whole."""
        energies = self._energies["top"][1:]
        around = _neighbours(energies, _DIRECT)
        parents = np.concatenate((self._mean_features(), energies, around))
        fixed = parents.repeat(2, axis=1).repeat(2, axis=2)
        for phase in range(len(PASSES)):
            yield from self._pass_steps("bottom", phase, fixed, first=0)

    def _mean_steps(self) -> Iterator[Step]:
        height, width = self._means.shape
        rows, columns = _grid(np.arange(0, height, _COARSEST), np.arange(0, width, _COARSEST))
        yield self._mean_step(rows, columns, (), DC_LEVELS - 1)
        spacing = _COARSEST
        while spacing > 1:
            half = spacing // 2
            number = min(half.bit_length() - 1, 1)
            down, across = np.arange(half, height, spacing), np.arange(half, width, spacing)
            corners = tuple((y * half, x * half) for y, x in _DIAGONAL)
            yield self._mean_step(*_grid(down, across), corners, 2 * number)
            sides = tuple((y * half, x * half) for y, x in _DIRECT)
            even = _grid(np.arange(0, height, spacing), across)
            odd = _grid(down, np.arange(0, width, spacing))
            rows = np.concatenate((even[0], odd[0]))
            columns = np.concatenate((even[1], odd[1]))
            yield self._mean_step(rows, columns, sides, 2 * number + 1)
            spacing = half

    def _mean_step(
        self, rows: Integers, columns: Integers, around: tuple[tuple[int, int], ...], number: int
    ) -> Step:
        height, width = self._means.shape
        total = np.zeros(rows.shape, np.int64)
        count = np.zeros(rows.shape, np.int64)
        low = np.full(rows.shape, 1 << 40, np.int64)
        high = np.full(rows.shape, -(1 << 40), np.int64)
        for dy, dx in around:
            y, x = rows + dy, columns + dx
            inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
            y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
            inside &= self._known[y, x]
            value = self._means[y, x]
            total += np.where(inside, value, 0)
            count += inside
            low = np.where(inside, np.minimum(low, value), low)
            high = np.where(inside, np.maximum(high, value), high)
        expected = np.where(count > 0, total // np.maximum(count, 1), 0)
        spread = np.where(count > 0, high - low, 0)
        means = self.tables.means
        middles = (means[1:] + means[:-1]) >> 1
        shift = np.searchsorted(middles, expected)
        thresholds = self.tables.top[0].thresholds
        contexts = number * DC_SPREADS + np.searchsorted(thresholds, spread, side="right")
        return Step("top", 0, rows, columns, contexts, shift, spread[:, None], 0)

    def _mean_features(self) -> Integers:
        """Signed slopes of the means, and slopes and curvature as energies, shape (5, h, w)."""
        padded = np.pad(self._means, 1, mode="edge")
        across = padded[1:-1, 2:] - padded[1:-1, :-2]
        down = padded[2:, 1:-1] - padded[:-2, 1:-1]
        around = padded[1:-1, 2:] + padded[1:-1, :-2] + padded[2:, 1:-1] + padded[:-2, 1:-1]
        bend = 4 * self._means - around
        return np.stack((across, down, _log(across), _log(down), _log(bend)))

    def _pass_steps(self, level: str, phase: int, fixed: Integers, first: int) -> Iterator[Step]:
        energies = self._energies[level]
        row, column = PASSES[phase]
        part = (slice(None), slice(row, None, 2), slice(column, None, 2))
        grid = energies[0][part[1:]].shape
        rows, columns = _grid(row + 2 * np.arange(grid[0]), column + 2 * np.arange(grid[1]))
        if rows.size == 0:
            return
        known = energies[first:]
        near = []
        if phase >= 2:
            near.append(_neighbours(known, _DIRECT)[part])
        if phase in (1, 3):
            near.append(_neighbours(known, _DIAGONAL)[part])
        here = fixed[part]
        common = np.concatenate((here[2:], *near)).reshape(-1, rows.size)
        groups = self.tables.top if level == "top" else self.tables.bottom
        for group in range(first, len(groups)):
            same = energies[first:group, rows, columns]
            constant = np.full((1, rows.size), 64, np.int64)
            features = np.concatenate((constant, common, same)).T
            tables = groups[group]
            weights = tables.weights[phase][: features.shape[1]]
            scalar = (features @ weights) >> _WEIGHT_BITS
            contexts = np.searchsorted(tables.thresholds, scalar, side="right")
            if level == "top" and group == 1:
                across = np.searchsorted(self.tables.slopes, here[0].ravel(), side="right")
                down = np.searchsorted(self.tables.slopes, here[1].ravel(), side="right")
                contexts = (across * SLOPES + down) * SLOPE_ENERGIES + contexts
            yield Step(level, group, rows, columns, contexts, None, features, phase)


def _grid(rows: Integers, columns: Integers) -> tuple[Integers, Integers]:
    """Places of a rectangular grid, row by row."""
    return np.repeat(rows, columns.size), np.tile(columns, rows.size)


def _neighbours(maps: Integers, offsets: tuple[tuple[int, int], ...]) -> Integers:
    """Sum over four neighbours, mirrored at the border so that passes keep their parity."""
    height, width = maps.shape[1:]
    rows = np.abs(np.arange(-1, height + 1))
    rows[-1] = max(height - 2, 0)
    columns = np.abs(np.arange(-1, width + 1))
    columns[-1] = max(width - 2, 0)
    rows, columns = np.minimum(rows, height - 1), np.minimum(columns, width - 1)
    padded = maps[:, rows][:, :, columns]
    total = np.zeros_like(maps)
    for dy, dx in offsets:
        total += padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
    return total


def _log(values: Integers) -> Integers:
    """Sixteen times the binary logarithm of 1 + |v|, linear between powers of two."""
    size = np.abs(values) + 1
    length = np.zeros(size.shape, np.int64)
    for bit in (32, 16, 8, 4, 2, 1):
        larger = (size >> (length + bit)) > 0
        length = np.where(larger, length + bit, length)
    fraction = ((size << 4) >> length) - 16
    return 16 * length + fraction

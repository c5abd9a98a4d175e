"""Counts code indices over pictures and makes the integer tables of the index coding from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.index_contexts import PASSES, IndexWalk, Step
from viewer.codecs.index_tables import (
    SLOPES,
    Floats,
    GroupTables,
    IndexTables,
    Integers,
    bins_of,
    contexts_of,
    frequencies_from_counts,
)

IndexMaps = tuple[Integers, Integers]
"""Top (groups, h, w) and bottom (groups, 2h, 2w) of one picture."""

POWER_UNIT = 0.01
"""Squared length of a codeword that counts as one bit of energy."""

_WEIGHT_ONE = 1 << 10


def build_tables(
    maps: Sequence[IndexMaps], top: Sequence[Floats], bottom: Sequence[Floats]
) -> IndexTables:
    """Tables for pictures like those whose index maps are given.

    Parameters
    ----------
    maps
        Index maps of the pictures.
    top, bottom
        Codewords of each group, shape (K, D); the first top group has one component, ascending.

    Returns
    -------
    IndexTables
        Contexts by weights fitted to the energies, their bins by quantiles, frequencies by
        counting.
    """
    tables = _without_knowledge(top, bottom)
    tables = _with_weights(tables, maps)
    tables = _with_thresholds(tables, maps)
    return count(tables, maps)


def count(tables: IndexTables, maps: Sequence[IndexMaps]) -> IndexTables:
    """The same contexts with frequencies counted anew."""
    counts = {
        (level, number): np.zeros((contexts_of(level, number), group.size))
        for level, groups in (("top", tables.top), ("bottom", tables.bottom))
        for number, group in enumerate(groups)
    }
    for step, indices in _walked(tables, maps):
        table = counts[step.level, step.group]
        symbols = step.symbols(indices, table.shape[1])
        flat = np.bincount(step.contexts * table.shape[1] + symbols, minlength=table.size)
        table += flat.reshape(table.shape)
    return _changed(
        tables,
        lambda level, n, g: replace(g, frequencies=frequencies_from_counts(counts[level, n])),
    )


def energies_of(codewords: Floats) -> Integers:
    """Sixteen times the binary logarithm of 1 + power / POWER_UNIT of each codeword."""
    power = np.square(codewords.astype(np.float64)).sum(1)
    return np.round(16 * np.log2(1 + power / POWER_UNIT)).astype(np.int32)


def _without_knowledge(top: Sequence[Floats], bottom: Sequence[Floats]) -> IndexTables:
    def group(level: str, number: int, codewords: Floats) -> GroupTables:
        size = codewords.shape[0]
        return GroupTables(
            energies_of(codewords),
            frequencies_from_counts(np.ones((contexts_of(level, number), size))),
            np.zeros((len(PASSES), 64), np.int32),
            np.zeros(bins_of(level, number) - 1, np.int32),
        )

    return IndexTables(
        tuple(group("top", n, book) for n, book in enumerate(top)),
        tuple(group("bottom", n, book) for n, book in enumerate(bottom)),
        np.round(16 * top[0][:, 0].astype(np.float64)).astype(np.int32),
        np.zeros(SLOPES - 1, np.int32),
    )


def _with_weights(tables: IndexTables, maps: Sequence[IndexMaps]) -> IndexTables:
    squares: dict[tuple[str, int, int], NDArray[np.float64]] = {}
    products: dict[tuple[str, int, int], NDArray[np.float64]] = {}
    for step, indices in _walked(tables, maps):
        if step.features is None or (step.level == "top" and step.group == 0):
            continue
        groups = tables.top if step.level == "top" else tables.bottom
        known = step.features.astype(np.float64)
        wanted = groups[step.group].energies[indices].astype(np.float64)
        key = (step.level, step.group, step.phase)
        squares[key] = squares.get(key, 0) + known.T @ known
        products[key] = products.get(key, 0) + known.T @ wanted

    def weights(level: str, number: int) -> Integers:
        table = np.zeros((len(PASSES), 64), np.int32)
        for phase in range(len(PASSES)):
            key = (level, number, phase)
            if key in squares:
                ridge = squares[key] + np.eye(len(squares[key])) * (
                    1e-3 * np.trace(squares[key]) / len(squares[key])
                )
                solution = np.linalg.solve(ridge, products[key])
                table[phase, : solution.size] = np.round(solution * _WEIGHT_ONE)
        return table

    return _changed(tables, lambda level, n, g: replace(g, weights=weights(level, n)))


def _with_thresholds(tables: IndexTables, maps: Sequence[IndexMaps]) -> IndexTables:
    scalars: dict[tuple[str, int], list[Integers]] = defaultdict(list)
    slopes: list[Integers] = []
    for step, _ in _walked(tables, maps[:40]):
        if step.features is None:
            continue
        if step.level == "top" and step.group == 0:
            scalars["top", 0].append(step.features[:, 0])
            continue
        groups = tables.top if step.level == "top" else tables.bottom
        weights = groups[step.group].weights[step.phase][: step.features.shape[1]].astype(np.int64)
        scalars[step.level, step.group].append((step.features @ weights) >> 10)
    for top, _bottom in maps[:40]:
        means = np.pad(tables.means.astype(np.int64)[top[0]], 1, mode="edge")
        slopes.append((means[1:-1, 2:] - means[1:-1, :-2]).ravel())
        slopes.append((means[2:, 1:-1] - means[:-2, 1:-1]).ravel())

    def thresholds(level: str, number: int) -> Integers:
        values = np.concatenate(scalars[level, number])
        bins = bins_of(level, number)
        shares = np.arange(1, bins) / bins
        # The rare, busy places cost the most bits: half of the bins lie in the upper part.
        shares = 1 - (1 - shares) ** 1.5 if (level, number) != ("top", 0) else shares
        return np.maximum.accumulate(np.quantile(values, shares)).astype(np.int32)

    tables = _changed(tables, lambda level, n, g: replace(g, thresholds=thresholds(level, n)))
    shares = np.arange(1, SLOPES) / SLOPES
    bounds = np.quantile(np.concatenate(slopes), shares).astype(np.int32)
    return IndexTables(tables.top, tables.bottom, tables.means, bounds)


def _walked(tables: IndexTables, maps: Sequence[IndexMaps]) -> Iterator[tuple[Step, Integers]]:
    """Every step of every picture with its indices."""
    for top, bottom in maps:
        walk = IndexWalk(tables, *top.shape[1:])
        for step in walk.steps():
            indices = (top if step.level == "top" else bottom)[step.group, step.rows, step.columns]
            yield step, indices
            walk.put(step, indices)


def _changed(
    tables: IndexTables, change: Callable[[str, int, GroupTables], GroupTables]
) -> IndexTables:
    return IndexTables(
        tuple(change("top", n, g) for n, g in enumerate(tables.top)),
        tuple(change("bottom", n, g) for n, g in enumerate(tables.bottom)),
        tables.means,
        tables.slopes,
    )

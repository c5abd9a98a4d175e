"""Choice of codewords by distance and the bits they will really cost.

Entropy-constrained assignment (Chou, Lookabaugh and Gray, 1989) with the code lengths of each
symbol's own context: the
walk of the index coding is followed, so that every context is known when its symbols are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from viewer.codecs.index_contexts import IndexWalk, Step
from viewer.codecs.index_tables import Floats, IndexTables, Integers
from viewer.progress import NEVER, CancelToken

_PRODUCTS_AT_ONCE = 1 << 18
"""Size of a matrix product up to which BLAS does not wake threads: for these they cost more than
they give, and on a busy machine tens of times more."""


class IndexChooser:
    """Chooses index maps for latents.

    Parameters
    ----------
    tables
        Of the model.
    top, bottom
        Codewords of each group, float32, shape (K, D).
    """

    def __init__(
        self, tables: IndexTables, top: Sequence[Floats], bottom: Sequence[Floats]
    ) -> None:
        self.tables = tables
        self._codewords = {"top": list(top), "bottom": list(bottom)}
        self._powers = {
            level: [np.square(book).sum(1) for book in books]
            for level, books in self._codewords.items()
        }
        self._lengths = {
            "top": [group.code_lengths() for group in tables.top],
            "bottom": [group.code_lengths() for group in tables.bottom],
        }

    def choose_top(
        self, walk: IndexWalk, latents: Floats, lagrangian: float, cancel: CancelToken = NEVER
    ) -> float:
        """Put the top level's indices into ``walk`` for latents (D, h, w); return their bits."""
        return self._choose(walk, walk.top_steps(), latents, lagrangian, cancel)

    def choose_bottom(
        self, walk: IndexWalk, latents: Floats, lagrangian: float, cancel: CancelToken = NEVER
    ) -> float:
        """Put the bottom level's indices into ``walk`` for latents (D, 2h, 2w); return bits."""
        return self._choose(walk, walk.bottom_steps(), latents, lagrangian, cancel)

    def _choose(
        self,
        walk: IndexWalk,
        steps: Iterable[Step],
        latents: Floats,
        lagrangian: float,
        cancel: CancelToken,
    ) -> float:
        bits = 0.0
        for step in steps:
            cancel.check()
            books = self._codewords[step.level]
            start = sum(book.shape[1] for book in books[: step.group])
            stop = start + books[step.group].shape[1]
            points = np.ascontiguousarray(latents[start:stop, step.rows, step.columns].T)
            indices, spent = self._nearest(step, points, lagrangian)
            bits += spent
            walk.put(step, indices)
        return bits

    def _nearest(self, step: Step, points: Floats, lagrangian: float) -> tuple[Integers, float]:
        book = self._codewords[step.level][step.group]
        power = self._powers[step.level][step.group]
        lengths = self._lengths[step.level][step.group]
        indices = np.zeros(points.shape[0], np.int64)
        at_once = max(1, _PRODUCTS_AT_ONCE // book.size)
        twice = np.ascontiguousarray(-2.0 * book.T)
        order = np.argsort(step.contexts, kind="stable")
        bounds = np.flatnonzero(np.diff(step.contexts[order])) + 1
        for run in np.split(order, bounds):
            if run.size == 0:
                continue
            row = np.float32(lagrangian) * lengths[step.contexts[run[0]]]
            plain = power + row
            for first in range(0, run.size, at_once):
                places = run[first : first + at_once]
                costs = points[places] @ twice
                if step.shift is None:
                    costs += plain
                else:
                    symbols = (np.arange(book.shape[0]) - step.shift[places, None]) % book.shape[0]
                    costs += power + row[symbols]
                indices[places] = costs.argmin(1)
        symbols = step.symbols(indices, book.shape[0])
        return indices, float(lengths[step.contexts, symbols].sum())

"""Code indices to bytes and back: range coding (Martin, 1979) with static integer tables.

Each symbol is coded with the frequencies of its context.  Frequencies are integers that add up to
2^16; the range
coder of ``constriction`` is given them as exact multiples of 2^-16 in float64, with
``perfect=False``, whose arithmetic
is a cumulative sum (exact here) and one rounding multiplication per symbol, the same on every
machine with IEEE 754
numbers.  Symbols of a step are sorted by context, so that each context's model is built once a
step.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import constriction
import numpy as np

from viewer.codecs.index_contexts import IndexWalk, Step
from viewer.codecs.index_tables import GroupTables, IndexTables, Integers
from viewer.errors import CodecError
from viewer.progress import NEVER, CancelToken


class IndexCoder:
    """Writes and reads the index maps of one model; keeps nothing but its contexts' models."""

    def __init__(self, tables: IndexTables) -> None:
        self.tables = tables
        self._model = cache(self._build)

    def encode(self, top: Integers, bottom: Integers, *, cancel: CancelToken = NEVER) -> bytes:
        """Bytes of the index maps (groups, h, w) and (groups, 2h, 2w)."""
        walk = IndexWalk(self.tables, *top.shape[1:])
        coder = constriction.stream.queue.RangeEncoder()
        for step in walk.steps():
            cancel.check()
            indices = (top if step.level == "top" else bottom)[step.group, step.rows, step.columns]
            symbols = step.symbols(indices, self._group(step).size).astype(np.int32)
            for context, places in _by_context(step.contexts):
                coder.encode(symbols[places], self._model(step.level, step.group, context))
            walk.put(step, indices)
        return np.asarray(coder.get_compressed(), "<u4").tobytes()

    def decode(
        self, data: bytes, height: int, width: int, *, cancel: CancelToken = NEVER
    ) -> tuple[Integers, Integers]:
        """Index maps of a top level of height x width places.

        Raises
        ------
        CodecError
            When the bytes are not what :meth:`encode` gives.
        """
        if len(data) % 4:
            raise CodecError("The coded indices are not a whole number of 32-bit words.")
        coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        walk = IndexWalk(self.tables, height, width)
        for step in walk.steps():
            cancel.check()
            symbols = np.zeros(step.contexts.shape, np.int64)
            try:
                for context, places in _by_context(step.contexts):
                    model = self._model(step.level, step.group, context)
                    symbols[places] = coder.decode(model, places.size)
            except AssertionError:
                raise CodecError("The coded indices are damaged.") from None
            walk.put(step, step.indices(symbols, self._group(step).size))
        if not coder.maybe_exhausted():
            raise CodecError("The coded indices are followed by bytes that belong to nothing.")
        return walk.top, walk.bottom

    def _group(self, step: Step) -> GroupTables:
        return (self.tables.top if step.level == "top" else self.tables.bottom)[step.group]

    def _build(self, level: str, group: int, context: int) -> Any:
        tables = (self.tables.top if level == "top" else self.tables.bottom)[group]
        return constriction.stream.model.Categorical(tables.probabilities(context), perfect=False)


def _by_context(contexts: Integers) -> list[tuple[int, Integers]]:
    """Places of each context, contexts ascending and places in order."""
    order = np.argsort(contexts, kind="stable")
    values, starts = np.unique(contexts[order], return_index=True)
    return list(zip((int(v) for v in values), np.split(order, starts[1:]), strict=True))

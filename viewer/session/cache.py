"""Values kept while they fit into a bound, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """A mapping bounded by the sum of its values' sizes.

    Parameters
    ----------
    limit : int
        Largest sum of sizes. A value larger than this alone is not kept.
    size : callable
        Returns the size of a value.
    """

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self.limit = limit
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._used = 0

    @property
    def used(self) -> int:
        """Sum of the sizes of what is kept."""
        return self._used

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return a value and mark it as used just now; None when it is not kept."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: K, value: V) -> None:
        """Keep a value as used just now, letting go of others until all fit."""
        self.drop(key)
        if self._size(value) > self.limit:
            return
        self._values[key] = value
        self._used += self._size(value)
        while self._used > self.limit:
            _, old = self._values.popitem(last=False)
            self._used -= self._size(old)

    def drop(self, key: K) -> None:
        """Forget a value if it is kept."""
        if key in self._values:
            self._used -= self._size(self._values.pop(key))

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._used = 0

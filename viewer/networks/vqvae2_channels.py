"""Which value stands in which channel of the bytes that networks take."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.networks import channel_loops
from viewer.networks.vqvae2_exact import laid_out

_AT_ONCE = 8
"""Channels that are put side by side together, where their number allows it."""


@dataclass(frozen=True)
class Channels:
    """Which value stands in which channel of an array of bytes; some stand in two.

    Parameters
    ----------
    count : int
        Values.
    again : tuple of int
        Values repeated, each beside itself.
    """

    count: int
    again: tuple[int, ...] = ()

    def __len__(self) -> int:
        return self.count + len(self.again)

    def put(
        self,
        out: NDArray[np.uint8],
        first: int,
        values: NDArray[np.uint8],
        which: Sequence[int] | None = None,
    ) -> None:
        """Write planes, ``(n, h, w)``, from ``first`` on into ``(h, w, channels)``.

        All of them one after the other, or those that ``which`` names.
        """
        numbers = range(len(values)) if which is None else tuple(which)
        channel_loops.put(out, self.pairs(first, numbers), values)

    def beside(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """All planes, ``(count, h, w)``, as a network takes them: ``(h, w, channels)``."""
        out = np.empty((*planes.shape[1:], len(self)), np.uint8)
        if len(self) % _AT_ONCE or sys.byteorder != "little":
            self.put(out, 0, planes)
        else:
            order = np.array(laid_out(self.count, self.again), np.uint64)
            channel_loops.put_eights(out.view(np.uint64), order, planes)
        return out

    def pairs(self, first: int, numbers: range | tuple[int, ...]) -> NDArray[np.intp]:
        """Channels and the planes for them, where the first of ``numbers`` is value ``first``."""
        return _pairs(self, first, numbers)


@lru_cache(maxsize=256)
def _pairs(channels: Channels, first: int, numbers: range | tuple[int, ...]) -> NDArray[np.intp]:
    order = enumerate(laid_out(channels.count, channels.again))
    last = first + len(numbers)
    found = [(place, numbers[value - first]) for place, value in order if first <= value < last]
    return np.array(found, np.intp).reshape(-1, 2)

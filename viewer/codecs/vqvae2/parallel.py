"""Work shared out over the processor's cores: tiles of a picture, or rows of a tile.

Threads of Python's, each with one thread of torch's: what lies between the networks (tables,
companding, lifting) then runs side by side too. Results do not depend on it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache, partial
from typing import TypeVar

import torch

MOST = 4
"""More threads than this would wait for the coder, which reads one symbol after the other."""

T = TypeVar("T")
R = TypeVar("R")

_lock = threading.Lock()
_here = threading.local()


def workers() -> int:
    """How many pieces of work can run at once; 1 within a piece of work."""
    if getattr(_here, "working", False):
        return 1
    return min(torch.get_num_threads(), MOST)


@lru_cache(maxsize=MOST)
def _pool(count: int) -> ThreadPoolExecutor:
    """Threads in which torch starts none of its own."""
    together, before = threading.Barrier(count), torch.get_num_threads()
    pool = ThreadPoolExecutor(count, thread_name_prefix="vqvae2")
    # torch takes the number for the thread that sets it, and for threads it has not seen yet.
    for started in [pool.submit(_alone, together) for _ in range(count)]:
        started.result()
    torch.set_num_threads(before)
    return pool


def _alone(together: threading.Barrier) -> None:
    torch.set_num_threads(1)
    _here.working = True
    together.wait()


def _submit(work: Callable[[], R]) -> Future[R]:
    with _lock:
        pool = _pool(workers())
    return pool.submit(_without_gradients, work)


def _without_gradients(work: Callable[[], R]) -> R:
    with torch.inference_mode():
        return work()


def in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Results of all items in their order, worked on side by side, a few ahead at most."""
    items, count = list(items), workers()
    if count == 1 or len(items) == 1:
        # One alone can share out its own work.
        for item in items:
            yield work(item)
        return
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(_submit(partial(work, item)))
            if len(waiting) > count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        for future in waiting:
            if not future.cancelled():
                future.exception()


def in_parts(size: int, work: Callable[[int, int], None], least: int) -> None:
    """Call ``work(start, end)`` for parts that make up ``size``, none smaller than ``least``."""
    count = max(min(workers(), size // least), 1)
    if count == 1:
        work(0, size)
        return
    ends = [size * part // count for part in range(count + 1)]
    for _ in in_order(lambda part: work(ends[part], ends[part + 1]), range(count)):
        pass

"""Work shared out over the processor's cores: tiles of a picture, or rows of a tile.

Threads of Python's, each with one thread of torch's: what lies between the networks (tables,
companding, lifting) then runs side by side too. Results do not depend on it.

Where there is but one tile, one of the threads leads: it does the work, and its share of what can
be shared, so that small networks wait for nobody and large ones have company.
"""

from __future__ import annotations

import os
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


class _Here(threading.local):
    """What this thread is to a pool."""

    working = False
    """Whether it belongs to one."""
    team = 1
    """How many threads work together under its lead."""


_lock = threading.Lock()
_here = _Here()


def workers() -> int:
    """How many pieces of work can run at once; 1 within a piece of work that nobody shares."""
    return _here.team if _here.working else min(torch.get_num_threads(), MOST)


@lru_cache(maxsize=MOST)
def _pool(count: int) -> ThreadPoolExecutor:
    """Threads in which torch starts none of its own."""
    together, before = threading.Barrier(count), torch.get_num_threads()
    pool = ThreadPoolExecutor(count, thread_name_prefix="vqvae2")
    # torch takes the number for the thread that sets it, and for threads it has not seen yet.
    for started in [pool.submit(_join, together, number, count) for number in range(count)]:
        started.result()
    torch.set_num_threads(before)
    return pool


def _join(together: threading.Barrier, number: int, count: int) -> None:
    # A thread that torch has not seen takes the number for all at its first work: it is seen now.
    torch.get_num_threads()
    torch.set_num_threads(1)
    _here.working = True
    if hasattr(os, "sched_setaffinity"):
        # Threads that wake at the same time are else put on one core, for milliseconds.
        ours = sorted(os.sched_getaffinity(0))
        if len(ours) >= count:
            os.sched_setaffinity(0, ours[number::count])
    together.wait()


def _submit(count: int, work: Callable[[], R]) -> Future[R]:
    with _lock:
        pool = _pool(count)
    return pool.submit(_without_gradients, work)


def _without_gradients(work: Callable[[], R]) -> R:
    with torch.inference_mode():
        return work()


def lead(work: Callable[[], R]) -> R:
    """Do one piece of work that can share out parts of itself."""
    count = workers()
    if count == 1 or _here.working:
        return work()
    return _submit(count, partial(_in_team, count, work)).result()


def _in_team(count: int, work: Callable[[], R]) -> R:
    before, _here.team = _here.team, count
    try:
        return work()
    finally:
        _here.team = before


def in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Results of all items in their order, worked on side by side, a few ahead at most."""
    items, count = list(items), workers()
    if count == 1:
        for item in items:
            yield work(item)
        return
    if len(items) == 1:
        yield lead(partial(work, items[0]))
        return
    if _here.working:
        yield from _together(work, items, count)
        return
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(_submit(count, partial(work, item)))
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


def _together(work: Callable[[T], R], items: list[T], count: int) -> list[R]:
    """Results of items that this thread and others of its team take in turn.

    It waits for nobody who has not begun, so that a pool full of leaders goes on.
    """
    results: dict[int, R] = {}
    todo = iter(range(len(items)))

    def take() -> None:
        # Python's lock makes it safe to ask one iterator from several threads.
        try:
            for number in todo:
                results[number] = work(items[number])
        except BaseException:
            # What is left is left, by all of them.
            deque(todo, maxlen=0)
            raise

    helpers = [_submit(count, take) for _ in range(min(count, len(items)) - 1)]
    try:
        _in_team(1, take)
    finally:
        ended = [helper for helper in helpers if not helper.cancel()]
        failures = [helper.exception() for helper in ended]
    for failure in failures:
        if failure is not None:
            raise failure
    return [results[number] for number in range(len(items))]


def in_parts(size: int, work: Callable[[int, int], None], least: int) -> None:
    """Call ``work(start, end)`` for parts that make up ``size``, none smaller than ``least``."""
    count = max(min(workers(), size // least), 1)
    if count == 1:
        work(0, size)
        return
    ends = [size * part // count for part in range(count + 1)]
    for _ in in_order(lambda part: work(ends[part], ends[part + 1]), range(count)):
        pass

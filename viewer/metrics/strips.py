"""A picture worked on in strips of rows, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from viewer.progress import CancelToken

_STRIP_ROWS = 96
"""Rows filtered at once: their planes stay in the second-level cache."""

_MOST_THREADS = 8
"""More would wait for memory."""


def in_strips(rows: int, work: Callable[[slice], None], cancel: CancelToken) -> None:
    """Call `work` with slices that make up all rows, on all cores, stopping when asked to."""

    def step(strip: slice) -> None:
        cancel.check()
        work(strip)

    strips = [slice(top, min(top + _STRIP_ROWS, rows)) for top in range(0, rows, _STRIP_ROWS)]
    workers = min(os.cpu_count() or 1, len(strips), _MOST_THREADS)
    if workers <= 1:
        for strip in strips:
            step(strip)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="similarity") as pool:
        for done in [pool.submit(step, strip) for strip in strips]:
            done.result()

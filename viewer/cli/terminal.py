"""Progress on a terminal: one line that is written over, nothing when output is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from viewer.progress import Progress, silent

_WIDTH = 78


@contextmanager
def progress_line() -> Iterator[Progress]:
    """Give a `Progress` that draws on standard error while the block runs."""
    if not sys.stderr.isatty():
        yield silent
        return

    def draw(fraction: float, text: str) -> None:
        line = f"{100 * min(max(fraction, 0.0), 1.0):3.0f} %  {text}"
        sys.stderr.write("\r" + line[:_WIDTH].ljust(_WIDTH))
        sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r" + " " * _WIDTH + "\r")
        sys.stderr.flush()

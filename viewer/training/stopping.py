"""Ctrl-C and the end torchrun sends stop a training after its step, not within it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from viewer.progress import CancelToken


@contextmanager
def stopping_after_the_step(cancel: CancelToken) -> Iterator[CancelToken]:
    """Turn SIGINT and SIGTERM into a request to stop; a second one ends at once.

    Parameters
    ----------
    cancel : CancelToken
        The caller's; a request there stops as well.

    Yields
    ------
    CancelToken
        To look at after each step.
    """
    both = _Either(cancel)
    if threading.current_thread() is not threading.main_thread():
        yield both
        return
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: Any) -> None:
        both.cancel()
        for again, handler in former.items():
            signal.signal(again, handler)

    for number in former:
        signal.signal(number, stop)
    try:
        yield both
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class _Either(CancelToken):
    """Set by itself or by the caller's token."""

    def __init__(self, other: CancelToken) -> None:
        super().__init__()
        self._other = other

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return super().cancelled or self._other.cancelled

    def check(self) -> None:
        """Stop here if asked to; see `CancelToken.check`."""
        self._other.check()
        super().check()

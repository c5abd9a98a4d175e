"""What a long computation is given so that it can report and be stopped.

Every function that may take longer than a moment accepts ``progress`` and ``cancel``.
Both know nothing of Qt: ``jobs`` connects them to signals, the command line to the terminal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from viewer.errors import Cancelled

Progress = Callable[[float, str], None]
"""``progress(fraction, text)``: ``fraction`` in 0..1, ``text`` says what is being done
("tile 7/12"). Called from the thread that computes."""


def silent(fraction: float, text: str) -> None:
    """Report nothing: the default ``progress``."""


class CancelToken:
    """A flag that is set once and looked at between tiles.

    Safe to set from any thread.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the computation to stop at its next step."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Stop here if asked to.

        Raises
        ------
        Cancelled
            When `cancel` was called.
        """
        if self._event.is_set():
            raise Cancelled


NEVER = CancelToken()
"""The default ``cancel``: nobody holds it, so it is never set."""

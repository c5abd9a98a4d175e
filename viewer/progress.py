"""What a long computation is given so that it can report and be stopped.

Every function that may take longer than a moment accepts ``progress`` and ``cancel``.
Both know nothing of Qt: ``jobs`` connects them to signals, the command line to the terminal.
"""

from __future__ import annotations

import threading
import time
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

    @property
    def paused(self) -> bool:
        """Whether the computation is to wait where it is; a plain token never says so."""
        return False

    @property
    def paused_seconds(self) -> float:
        """Seconds the computation was held so far."""
        return 0.0

    def check(self) -> None:
        """Stop here if asked to.

        Raises
        ------
        Cancelled
            When `cancel` was called.
        """
        if self._event.is_set():
            raise Cancelled


class PauseToken(CancelToken):
    """A token that can also hold what runs at its next step, and let it go on.

    Safe to use from any thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._going = threading.Event()
        self._going.set()
        self._since: float | None = None
        self._held = 0.0

    @property
    def paused(self) -> bool:
        """Whether the computation is to wait where it is."""
        return not self._going.is_set() and not self.cancelled

    @property
    def paused_seconds(self) -> float:
        """Seconds the computation was held so far."""
        since = self._since
        return self._held + (0.0 if since is None else time.monotonic() - since)

    def pause(self) -> None:
        """Hold the computation at its next step."""
        if self._since is None:
            self._since = time.monotonic()
        self._going.clear()

    def resume(self) -> None:
        """Let it go on."""
        self._held, self._since = self.paused_seconds, None
        self._going.set()

    def cancel(self) -> None:
        """Ask the computation to stop, held or not."""
        super().cancel()
        self._going.set()

    def check(self) -> None:
        """Wait here while paused; stop here if asked to.

        Raises
        ------
        Cancelled
        """
        self._going.wait()
        super().check()


NEVER = CancelToken()
"""The default ``cancel``: nobody holds it, so it is never set."""

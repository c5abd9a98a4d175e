"""One piece of background work as the window sees it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from viewer.progress import CancelToken


class Job(QObject):
    """A function that runs, or waits to run, in a lane of a `JobQueue`.

    Belongs to the thread of its queue; every signal is emitted there. Exactly one of `succeeded`,
    `failed` and `cancelled` is emitted, then `finished`. Nothing follows a cancellation.

    Parameters
    ----------
    generation : int
        Rises with each job of the queue: the higher one was asked for later.
    lane, title : str
        Where it runs, and what it is called in progress and failures.
    cancel_token : CancelToken
        What the function looks at between its steps.
    on_cancel : callable
        Called once with the job when it is to be cancelled.
    """

    started = Signal()
    progressed = Signal(float, str)
    """Fraction in 0..1 and what is being done."""
    delivered = Signal(object)
    """A part of the result, for functions that were given ``deliver=``."""
    succeeded = Signal(object)
    failed = Signal(object)
    """The exception, always a `viewer.errors.RadviewError`."""
    cancelled = Signal()
    finished = Signal()
    """Always last, once."""

    def __init__(
        self,
        generation: int,
        lane: str,
        title: str,
        cancel_token: CancelToken,
        on_cancel: Callable[[Job], None],
    ) -> None:
        super().__init__()
        self.generation = generation
        self.lane = lane
        self.title = title
        self.cancel_token = cancel_token
        self._on_cancel: Callable[[Job], None] | None = on_cancel

    @property
    def over(self) -> bool:
        """Whether the job was cancelled or has ended: no result will be delivered any more."""
        return self._on_cancel is None

    def cancel(self) -> None:
        """Give the job up: `cancelled` and `finished` follow at once, whatever its function does.

        Call it from the thread of the queue. Does nothing to a job that is over.
        """
        on_cancel = self.close()
        if on_cancel is not None:
            self.cancel_token.cancel()
            on_cancel(self)

    def close(self) -> Callable[[Job], None] | None:
        """Mark the job as over; for its queue alone. Return what `cancel` has to call."""
        on_cancel, self._on_cancel = self._on_cancel, None
        return on_cancel

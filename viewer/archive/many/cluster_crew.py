"""Which workers of a cluster are there, and which of them can take part in a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.archive.many.cluster_worker import Run, unfit
from viewer.errors import ArchiveError

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK_EVERY = 1.0
_ANSWER_SECONDS = 10.0
_PATIENCE = 60.0
"""Seconds without any worker after which a run ends; clusters start theirs when asked."""


class Crew:
    """The workers of a cluster, each examined once before it is given anything.

    Parameters
    ----------
    client : Client
    run : Run
    scheduler : str
        Address, for messages.
    on_notice : callable
        Told of each worker that cannot take part.
    """

    def __init__(
        self, client: Client, run: Run, scheduler: str, on_notice: Callable[[str], None]
    ) -> None:
        self._client = client
        self._run = run
        self._scheduler = scheduler
        self._on_notice = on_notice
        self._threads: dict[str, int] = {}
        self._faults: dict[str, str] = {}
        self._asked: dict[str, Future] = {}
        self._looked = float("-inf")
        self._seen_any = time.monotonic()

    @property
    def present(self) -> frozenset[str]:
        """Addresses of the workers that are there."""
        return frozenset(self._threads)

    @property
    def fit(self) -> frozenset[str]:
        """Addresses of those that can take part."""
        return frozenset(each for each in self._threads if not self._faults.get(each, "new"))

    @property
    def room(self) -> int:
        """Studies to have given out at once: one a thread, and one more waiting at each worker."""
        return sum(self._threads[each] + 1 for each in self.fit)

    def look(self) -> None:
        """See who is there; now and then, as often as this is called.

        Raises
        ------
        ArchiveError
            When all that are there cannot take part, or none is there for a minute.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return
        self._looked = now
        try:
            # As client.nthreads(), which has no limit of time where the scheduler does not answer.
            self._threads = dict(
                self._client.sync(self._client.scheduler.ncores, callback_timeout=_ANSWER_SECONDS)
            )
        except OSError:  # a connection that is lost is found out by whoever asks for its state
            return
        self._examine()
        if self.fit:
            self._seen_any = now
            return
        faults = [(each, self._faults.get(each, "")) for each in sorted(self._threads)]
        if faults and all(fault for _, fault in faults):
            address, fault = faults[0]
            raise ArchiveError(
                f"No worker of {self._scheduler} can archive here: {address}: {fault}"
            )
        if now - self._seen_any > _PATIENCE:
            raise ArchiveError(f"The scheduler at {self._scheduler} has no workers")

    def _examine(self) -> None:
        """Ask new workers whether they can take part, and take in what others answered."""
        for address in self._threads:
            if address not in self._faults and address not in self._asked:
                self._asked[address] = self._client.submit(
                    unfit, self._run, workers=[address], allow_other_workers=False, pure=False
                )
        for address, answer in list(self._asked.items()):
            if not answer.done() and address in self._threads:
                continue
            del self._asked[address]
            if answer.status in ("finished", "error"):
                self._faults[address] = fault = _fault(answer)
                if fault:
                    self._on_notice(f"The worker {address} is left out: {fault}.")


def _fault(answer: Future) -> str:
    """Return why a worker cannot take part, "" where it can."""
    try:
        return str(answer.result(timeout=_ANSWER_SECONDS)).rstrip(".")
    except ImportError:
        return "it does not have this program"
    except Exception as error:  # whatever it raised when asked
        return f"it cannot be asked ({type(error).__name__})"

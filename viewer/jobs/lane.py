"""One lane of a queue: the jobs that wait, the one that runs, and the thread it runs in."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from viewer.jobs.job import Job
from viewer.jobs.worker import Task, WorkerThread

GRACE = 0.15
"""Seconds a cancelled function is given to return before a new job gets a thread of its own."""
MAX_RETIRED = 2
"""Threads of one lane that may be left behind in long calls; after that a new job waits."""


class Lane:
    """Runs one wanted job at a time, in the order asked.

    A cancelled function that does not return within `GRACE` keeps its thread: that thread is
    retired (it ends when the function returns, its result is dropped), and the next job gets a
    new one.

    Parameters
    ----------
    name : str
    make_thread : callable
        Returns a started `WorkerThread` whose signals are connected.
    """

    def __init__(self, name: str, make_thread: Callable[[str], WorkerThread]) -> None:
        self.name = name
        self.waiting: deque[tuple[Job, Task]] = deque()
        self.current: Job | None = None
        self.retired: list[WorkerThread] = []
        self._make_thread = make_thread
        self._thread: WorkerThread | None = None
        self._cancelled_at = 0.0

    @property
    def jobs(self) -> list[Job]:
        """The jobs whose results are still wanted, the running one first."""
        running = [self.current] if self.current is not None and not self.current.over else []
        return running + [job for job, _ in self.waiting]

    @property
    def threads(self) -> list[WorkerThread]:
        """Every thread that may still run, retired ones included."""
        return self.retired + ([self._thread] if self._thread is not None else [])

    def add(self, job: Job, task: Task) -> None:
        """Queue a job."""
        self.waiting.append((job, task))

    def drop(self, job: Job) -> None:
        """Take note that a job was cancelled."""
        self.waiting = deque(pair for pair in self.waiting if pair[0] is not job)
        if job is self.current:
            self._cancelled_at = time.perf_counter()

    def ended(self, generation: int) -> None:
        """Take note that a function returned."""
        if self.current is not None and self.current.generation == generation:
            self.current = None

    def advance(self) -> float | None:
        """Start the next job if there is one and a thread for it.

        Returns
        -------
        float or None
            Seconds after which to call again; None when there is nothing to wait for but a
            function's return.
        """
        if not self.waiting:
            return None
        if self.current is not None:
            if not self.current.over:
                return None
            patience = self._cancelled_at + GRACE - time.perf_counter()
            if patience > 0:
                return patience
            if len(self.retired) >= MAX_RETIRED:
                return None
            self._retire()
        if self._thread is None:
            self._thread = self._make_thread(self.name)
        self.current, task = self.waiting.popleft()
        self._thread.ask(task)
        return None

    def reap(self) -> None:
        """Let go of the retired threads that have ended."""
        self.retired = [thread for thread in self.retired if not thread.ended()]

    def quit(self) -> None:
        """Ask every thread to end; no job can be started after this."""
        for thread in self.threads:
            thread.quit()

    def forget_threads(self) -> None:
        """Let go of all threads, which must have been joined."""
        self.retired = []
        self._thread = None
        self.current = None

    def _retire(self) -> None:
        if self._thread is not None:
            self._thread.quit()
            self.retired.append(self._thread)
        self._thread = None
        self.current = None

"""All background work of one window: lanes of jobs in QThreads."""

from __future__ import annotations

import functools
import logging
import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from viewer.errors import Cancelled
from viewer.jobs.job import Job
from viewer.jobs.lane import Lane
from viewer.jobs.worker import Task, WorkerThread
from viewer.progress import CancelToken

logger = logging.getLogger(__name__)


class JobQueue(QObject):
    """Runs plain functions in QThreads, one at a time in each lane, and delivers by signal.

    All methods belong to the thread that made the queue, and so do the signals of its jobs.
    What comes back from a worker carries the generation it was asked for; it is dropped here
    when its job is over.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, Lane] = {}
        self._jobs: dict[int, Job] = {}
        self._cancelled: list[Job] = []
        self._generation = 0
        self._closed = False

    def submit(
        self,
        function: Callable[..., object],
        *args: object,
        lane: str = "coding",
        title: str = "Working",
        replace: bool = True,
        delivers: bool = False,
        token: CancelToken | None = None,
    ) -> Job:
        """Have `function(*args, progress=..., cancel=...)` called in the lane's thread.

        Parameters
        ----------
        function : callable
            Takes ``progress`` and ``cancel`` (`viewer.progress`); knows nothing of Qt.
        lane : str
            Jobs of one lane run one after the other, those of different lanes side by side.
        title : str
            Names the job in progress and failures.
        replace : bool
            Whether to cancel the lane's older jobs. Their results are never delivered.
        delivers : bool
            Whether the function also takes ``deliver``, a callable for parts of the result.
        token : CancelToken, optional
            Given as ``cancel`` instead of one of its own: one that can also pause, say.

        Returns
        -------
        Job
            Connect to its signals right away: none is emitted before control returns to the
            event loop. In a queue that was closed it is cancelled.
        """
        self._generation += 1
        token = token or CancelToken()
        job = Job(self._generation, lane, title, token, self._on_cancel)
        self._jobs[job.generation] = job
        if self._closed:
            job.cancel()
            return job
        place = self._lanes.setdefault(lane, Lane(lane, self._make_thread))
        if replace:
            self.cancel(lane)
        call = functools.partial(function, *args)
        place.add(job, Task(job.generation, title, call, token, delivers))
        self._advance(place)
        return job

    def cancel(self, lane: str | None = None) -> None:
        """Cancel the jobs of a lane, or all."""
        for place in self._places(lane):
            for job in place.jobs:
                job.cancel()

    def busy(self, lane: str | None = None) -> bool:
        """Whether a job is running or waiting in a lane, or in any."""
        return any(place.jobs for place in self._places(lane))

    def close(self, timeout: float = 5.0) -> bool:
        """Cancel every job, wait for every thread and leave none.

        A thread inside a long call cannot be stopped, and must not be destroyed: when `timeout`
        seconds were not enough this says so in the log and waits on.

        Returns
        -------
        bool
            True: no thread is left.
        """
        self._closed = True
        self.cancel()
        self._settle()
        threads = [thread for place in self._lanes.values() for thread in place.threads]
        for place in self._lanes.values():
            place.quit()
        deadline = time.perf_counter() + timeout
        late = [t for t in threads if not t.join(deadline - time.perf_counter())]
        for thread in late:
            logger.warning(
                "A job in lane '%s' is still in a call that cannot be stopped after %.1f s; "
                "waiting for it.",
                thread.thread.objectName(),
                timeout,
            )
            while not thread.join(1.0):
                pass
        for place in self._lanes.values():
            place.forget_threads()
        self._jobs.clear()
        return True

    def _places(self, lane: str | None) -> list[Lane]:
        if lane is None:
            return list(self._lanes.values())
        return [self._lanes[lane]] if lane in self._lanes else []

    def _make_thread(self, name: str) -> WorkerThread:
        made = WorkerThread(name)
        queued = Qt.ConnectionType.QueuedConnection
        made.worker.began.connect(self._on_began, queued)
        made.worker.progressed.connect(self._on_progressed, queued)
        made.worker.delivered.connect(self._on_delivered, queued)
        made.worker.ended.connect(self._on_ended, queued)
        made.thread.finished.connect(self._on_thread_finished, queued)
        return made

    def _advance(self, place: Lane) -> None:
        if self._closed:
            return
        again = place.advance()
        if again is not None:
            QTimer.singleShot(math.ceil(again * 1000), self, lambda: self._advance(place))

    def _wanted(self, generation: int) -> Job | None:
        job = self._jobs.get(generation)
        return None if job is None or job.over else job

    def _on_cancel(self, job: Job) -> None:
        # Told from the event loop: whoever replaces a job must not be called back meanwhile.
        self._cancelled.append(job)
        if job.lane in self._lanes:
            self._lanes[job.lane].drop(job)
        QTimer.singleShot(0, self, self._settle)

    @Slot()
    def _settle(self) -> None:
        cancelled, self._cancelled = self._cancelled, []
        for job in cancelled:
            self._jobs.pop(job.generation, None)
            job.cancelled.emit()
            job.finished.emit()
        for place in self._lanes.values():
            self._advance(place)

    @Slot(int)
    def _on_began(self, generation: int) -> None:
        if (job := self._wanted(generation)) is not None:
            job.started.emit()

    @Slot(int, float, str)
    def _on_progressed(self, generation: int, fraction: float, text: str) -> None:
        if (job := self._wanted(generation)) is not None:
            job.progressed.emit(fraction, text)

    @Slot(int, object)
    def _on_delivered(self, generation: int, part: object) -> None:
        if (job := self._wanted(generation)) is not None:
            job.delivered.emit(part)

    @Slot(int, object, object)
    def _on_ended(self, generation: int, result: object, error: object) -> None:
        for place in self._lanes.values():
            place.ended(generation)
        job = self._wanted(generation)
        if job is not None:
            job.close()
            del self._jobs[generation]
            if isinstance(error, Cancelled):
                job.cancelled.emit()
            elif error is not None:
                job.failed.emit(error)
            else:
                job.succeeded.emit(result)
            job.finished.emit()
        for place in self._lanes.values():
            self._advance(place)

    @Slot()
    def _on_thread_finished(self) -> None:
        for place in self._lanes.values():
            place.reap()
            self._advance(place)

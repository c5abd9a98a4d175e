"""The far side of a job: a QThread and the object in it that calls the function."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from viewer.errors import Cancelled
from viewer.jobs.failures import as_named_failure
from viewer.progress import CancelToken

PROGRESS_INTERVAL = 0.03
"""Seconds between two progress signals: a fast loop must not flood the event loop."""

STACK_BYTES = 16 * 1024 * 1024
"""macOS gives threads other than the first 512 KiB, which is too little for torch."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know of a job; never the job, which belongs to another thread."""

    generation: int
    title: str
    call: Callable[..., object]
    cancel: CancelToken
    delivers: bool


class Worker(QObject):
    """Lives in its own thread, calls one function at a time and reports by signal alone."""

    asked = Signal(object)
    began = Signal(int)
    progressed = Signal(int, float, str)
    delivered = Signal(int, object)
    ended = Signal(int, object, object)
    """Generation, result, error (a RadviewError or None)."""

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, task: Task) -> None:
        result: object = None
        error: Exception | None = None
        try:
            task.cancel.check()
            self.began.emit(task.generation)
            more = {"deliver": self._deliverer(task)} if task.delivers else {}
            result = task.call(progress=self._reporter(task), cancel=task.cancel, **more)
        except Cancelled:
            error = Cancelled()
        except BaseException as raised:  # whatever it is, the thread and the window live on
            error = as_named_failure(raised, task.title)
        if task.cancel.cancelled:
            result = None
        self.ended.emit(task.generation, result, error)

    def _reporter(self, task: Task) -> Callable[[float, str], None]:
        last = 0.0

        def progress(fraction: float, text: str) -> None:
            nonlocal last
            now = time.perf_counter()
            if now - last >= PROGRESS_INTERVAL or fraction >= 1.0:
                last = now
                self.progressed.emit(task.generation, min(max(fraction, 0.0), 1.0), text)

        return progress

    def _deliverer(self, task: Task) -> Callable[[object], None]:
        def deliver(part: object) -> None:
            if not task.cancel.cancelled:
                self.delivered.emit(task.generation, part)

        return deliver


class WorkerThread:
    """A running QThread with its worker.

    A QThread destroyed while it runs ends the process, so each is kept here until it has ended,
    whatever becomes of its queue.
    """

    def __init__(self, name: str) -> None:
        self.thread = QThread()
        self.thread.setObjectName(name)
        self.thread.setStackSize(STACK_BYTES)
        self.worker = Worker()
        self.worker.moveToThread(self.thread)
        self._cancel: CancelToken | None = None
        _running.add(self)
        self.thread.start()

    def ask(self, task: Task) -> None:
        """Have the worker call the task's function once it is free."""
        self._cancel = task.cancel
        self.worker.asked.emit(task)

    def quit(self) -> None:
        """Cancel what runs and let the thread end as soon as it returns."""
        if self._cancel is not None:
            self._cancel.cancel()
        self.thread.quit()

    def ended(self) -> bool:
        """Whether the thread has left its event loop; joins it then."""
        return self.thread.isFinished() and self.join(1.0)

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; return whether it has."""
        joined = self.thread.wait(max(0, int(seconds * 1000)))
        if joined:
            _running.discard(self)
        return joined


_running: set[WorkerThread] = set()


def running_threads() -> tuple[str, ...]:
    """Return the names of the threads that have not been joined, for tests and the log."""
    return tuple(thread.thread.objectName() for thread in _running)


def _join_all() -> None:
    """End what a program that never closed its queues has left running."""
    left = tuple(_running)
    for thread in left:
        thread.quit()
    for thread in left:
        while not thread.join(1.0):
            pass


# PySide6 was imported above, so this runs before its own clean-up at exit.
atexit.register(_join_all)

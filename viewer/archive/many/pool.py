"""Studies shared out over worker processes, each given the next one when it is done."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from viewer.archive.many.one_study import FolderError, OnImage, archive_study, lost
from viewer.archive.many.records import Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.many.worker import Hold, ImageDone, Report, Stop, serve
from viewer.errors import Cancelled
from viewer.progress import NEVER, CancelToken

_LOOK_EVERY = 0.2
"""Seconds between looks at whether to stop."""
_PATIENCE = 30.0
"""Seconds a worker gets to end by itself: networks are not stopped within a tile."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    task: StudyTask | None = None
    held: bool = False


def usable_cores() -> int:
    """Return the cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def outcomes(
    tasks: Iterable[StudyTask],
    folder: Path,
    settings: Settings,
    *,
    jobs: int,
    on_image: OnImage,
    apart: bool = False,
    cancel: CancelToken = NEVER,
) -> Generator[Outcome, None, None]:
    """Archive studies and yield what became of each, as they finish.

    With one job all is done in this process. Where a worker dies (killed for want of memory, say)
    another one does its study; the files of a study that two have died of are bad.

    Parameters
    ----------
    apart : bool
        Whether to work in other processes however few there are, and let other programs go first:
        for a window.

    Raises
    ------
    FolderError
        When the folder of archives takes no more.
    Cancelled
    """
    waiting = deque(tasks)
    # Fewer studies than processes: each gets the cores that would be idle.
    threads = max(1, jobs // max(1, len(waiting)))
    if not apart and (jobs <= 1 or len(waiting) <= 1):
        while waiting:
            cancel.check()
            yield archive_study(
                waiting.popleft(), folder, settings, on_image=on_image, cancel=cancel
            )
        return
    workers: list[_Worker] = []
    died: set[str] = set()
    try:
        while waiting or any(each.task for each in workers):
            if cancel.cancelled:
                raise Cancelled
            held = cancel.paused
            while not held and len(workers) < min(jobs, len(waiting) + _busy(workers)):
                workers.append(_start(folder, settings, apart, threads))
            for each in workers:
                if each.held != held:
                    each.held = held
                    _tell(each, Hold(held))
                if waiting and each.task is None and not held:
                    each.task = waiting.popleft()
                    _tell(each, each.task)
            ready = wait([each.connection for each in workers], _LOOK_EVERY)
            for worker in [each for each in workers if each.connection in ready]:
                try:
                    outcome = _heard(worker, on_image)
                except (EOFError, OSError):
                    workers.remove(worker)
                    _end([worker])
                    outcome = _buried(worker, died, waiting)
                if outcome is not None:
                    yield outcome
        for each in workers:
            with contextlib.suppress(OSError):
                each.connection.send(None)
    finally:
        _end(workers)


def _busy(workers: list[_Worker]) -> int:
    return sum(each.task is not None for each in workers)


def _buried(worker: _Worker, died: set[str], waiting: deque[StudyTask]) -> Outcome | None:
    """Put a dead worker's study back, or give it up the second time."""
    task = worker.task
    if task is None:
        return None
    if task.key in died:
        return lost(task, f"its worker process died twice ({worker.process.exitcode}).")
    died.add(task.key)
    waiting.appendleft(task)
    return None


def _heard(worker: _Worker, on_image: OnImage) -> Outcome | None:
    """Take in what a worker says; return an outcome if it is one."""
    report: Report = worker.connection.recv()
    match report:
        case ImageDone():
            on_image(report.source_bytes)
            return None
        case Stop():
            raise FolderError(report.reason)
        case _:
            worker.task = None
            return report


def _tell(worker: _Worker, message: StudyTask | Hold) -> None:
    # One that died meanwhile is found out by its closed connection.
    with contextlib.suppress(OSError):
        worker.connection.send(message)


def _start(folder: Path, settings: Settings, yielding: bool, threads: int) -> _Worker:
    """Start a worker that computes in so many threads: all together as many as there are cores."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, folder, settings, yielding), daemon=True)
    try:
        with threads_each(threads):
            process.start()
    finally:
        theirs.close()
    return _Worker(process, ours)


@contextlib.contextmanager
def threads_each(count: int) -> Iterator[None]:
    """Have processes that are started meanwhile compute in so many threads."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _end(workers: list[_Worker]) -> None:
    """Close all connections, which stops what still works, and leave no process."""
    for each in workers:
        each.connection.close()
    until = time.monotonic() + _PATIENCE
    for each in workers:
        each.process.join(max(0.0, until - time.monotonic()))
        if each.process.is_alive():
            each.process.kill()
            each.process.join()

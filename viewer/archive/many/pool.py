"""Studies shared out over worker processes, each given the next one when it is done."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from viewer.archive.many.one_study import FolderError, OnImage, archive_study, lost
from viewer.archive.many.records import Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.many.worker import ImageDone, Report, Stop, serve
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
    cancel: CancelToken = NEVER,
) -> Generator[Outcome, None, None]:
    """Archive studies and yield what became of each, as they finish.

    With one job all is done in this process. Where a worker dies (killed for want of memory, say)
    another one does its study; the files of a study that two have died of are bad.

    Raises
    ------
    FolderError
        When the folder of archives takes no more.
    Cancelled
    """
    waiting = deque(tasks)
    if jobs <= 1 or len(waiting) <= 1:
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
            cancel.check()
            while waiting and len(workers) < jobs:
                workers.append(_start(folder, settings))
            for each in workers:
                if waiting and each.task is None:
                    _give(each, waiting.popleft())
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


def _give(worker: _Worker, task: StudyTask) -> None:
    worker.task = task
    # One that died meanwhile is found out by its closed connection.
    with contextlib.suppress(OSError):
        worker.connection.send(task)


def _start(folder: Path, settings: Settings) -> _Worker:
    """Start a worker that computes in one thread: as many work at once as there are cores."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, folder, settings), daemon=True)
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        process.start()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        theirs.close()
    return _Worker(process, ours)


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

"""Studies shared out over the workers of a Dask scheduler, which may be on many machines."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import socket
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.archive.many.cluster_crew import Crew
from viewer.archive.many.cluster_worker import Run, Staged, Unseen, named, stage_study
from viewer.archive.many.one_study import FolderError, OnImage, lost
from viewer.archive.many.records import Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.many.worker import Stop
from viewer.errors import ArchiveError, Cancelled
from viewer.progress import NEVER, CancelToken

if TYPE_CHECKING:
    from distributed import Client, Future

MARK = ".radview-run-"
_LOOK_EVERY = 0.2
_TRIES = 3
"""How often a study is given out when what works at it goes away."""
_CONNECT_SECONDS = 10.0


def outcomes(
    tasks: Iterable[StudyTask],
    folder: Path,
    settings: Settings,
    *,
    scheduler: str,
    on_image: OnImage,
    on_notice: Callable[[str], None],
    cancel: CancelToken = NEVER,
) -> Generator[Outcome, None, None]:
    """Archive studies on a cluster and yield what became of each, as they finish.

    Workers write staged files; this process gives each its name, so that nothing is half-written,
    and nothing twice, whatever a worker does that was thought dead. Workers that cannot take part
    are left out with a notice. A study whose worker dies is done by another, three times at most.

    Parameters
    ----------
    scheduler : str
        Its address: "tcp://10.0.0.1:8786", "tls://...".
    on_notice : callable
        Told in a sentence which workers are left out and why.

    Raises
    ------
    FolderError
        When the folder of archives takes no more.
    ArchiveError
        When no scheduler answers, it goes away, or no worker can take part.
    Cancelled
    """
    folder = folder.resolve()
    with _marked(folder) as mark, _connected(scheduler) as client:
        shared = _SharedOut(client, Run(str(folder), str(mark), settings), scheduler, on_notice)
        try:
            yield from shared.outcomes(deque(tasks), on_image, cancel)
        finally:
            shared.give_up()


class _SharedOut:
    """The studies that are with the cluster."""

    def __init__(
        self, client: Client, run: Run, scheduler: str, on_notice: Callable[[str], None]
    ) -> None:
        self._client = client
        self._run = run
        self._scheduler = scheduler
        self._crew = Crew(client, run, scheduler, on_notice)
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._out: dict[Future, tuple[StudyTask, frozenset[str]]] = {}
        self._tries: dict[str, int] = {}
        self._partly: set[str] = set()

    def outcomes(
        self, waiting: deque[StudyTask], on_image: OnImage, cancel: CancelToken
    ) -> Iterator[Outcome]:
        while waiting or self._out:
            if cancel.cancelled:
                raise Cancelled
            if not self._alive():
                raise ArchiveError(f"The scheduler at {self._scheduler} has gone")
            self._crew.look()
            yield from self._stranded(waiting)
            while waiting and not cancel.paused and len(self._out) < self._crew.room:
                self._give(waiting.popleft())
            try:
                future = self._ended.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                continue
            if future not in self._out or not self._alive():
                continue
            task, _ = self._out.pop(future)
            outcome = self._taken(task, future, waiting)
            if outcome is not None:
                for row in outcome.images:
                    on_image(row.source_bytes)
                yield outcome

    def give_up(self) -> None:
        """Take back what is not done."""
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._out), force=True)
        self._out.clear()

    def _alive(self) -> bool:
        return self._client.status == "running"

    def _give(self, task: StudyTask) -> None:
        fit = self._crew.fit
        future = self._client.submit(
            stage_study,
            task,
            self._run,
            partly=task.key in self._partly,
            key=f"radview-{uuid.uuid4().hex}",
            workers=sorted(fit),
            allow_other_workers=False,
            pure=False,
        )
        self._out[future] = (task, fit)
        future.add_done_callback(self._ended.put)

    def _stranded(self, waiting: deque[StudyTask]) -> Iterator[Outcome]:
        """Put studies back whose workers have all gone."""
        for future, (task, given) in list(self._out.items()):
            if given.isdisjoint(self._crew.present) and not future.done():
                del self._out[future]
                future.cancel(force=True)
                outcome = self._again(task, waiting)
                if outcome is not None:
                    yield outcome

    def _taken(self, task: StudyTask, future: Future, waiting: deque[StudyTask]) -> Outcome | None:
        try:
            report = future.result(timeout=_CONNECT_SECONDS)
        except Exception as error:  # whatever library or worker failed: the study is tried again
            logging.getLogger(__name__).debug("a study came back without result", exc_info=True)
            return self._again(task, waiting, type(error).__name__)
        match report:
            case Staged():
                return self._kept(task, report.outcome, waiting)
            case Stop():
                raise FolderError(report.reason)
            case Unseen():
                return self._unseen(task, report, waiting)
            case _:
                return self._again(task, waiting, type(report).__name__)

    def _kept(self, task: StudyTask, outcome: Outcome, waiting: deque[StudyTask]) -> Outcome | None:
        """Give a staged file its name."""
        if not outcome.archive:
            return outcome
        folder = Path(self._run.folder)
        staged = folder / outcome.archive
        try:
            if staged.stat().st_size != outcome.archive_bytes:
                raise FileNotFoundError(staged)
            os.replace(staged, folder / task.archive)
        except FileNotFoundError:  # cleared away meanwhile, by a driver that was held up for long
            return self._again(task, waiting, "its staged file has gone")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise FolderError(f"{folder / task.archive} cannot be written: {reason}.") from error
        return named(outcome, task.archive)

    def _unseen(self, task: StudyTask, report: Unseen, waiting: deque[StudyTask]) -> Outcome | None:
        if Path(report.path).exists():
            raise ArchiveError(
                f"A worker of {self._scheduler} does not see {report.path}; all workers need the "
                "storage under the same paths"
            )
        self._partly.add(task.key)
        waiting.append(task)
        return None

    def _again(
        self, task: StudyTask, waiting: deque[StudyTask], why: str = "worker gone"
    ) -> Outcome | None:
        """Put a study at the end of those that wait, or give it up."""
        self._tries[task.key] = self._tries.get(task.key, 0) + 1
        if self._tries[task.key] >= _TRIES:
            return lost(task, f"its workers failed {_TRIES} times ({why}).")
        waiting.append(task)
        return None


def _see_that_it_listens(address: str) -> None:
    """Knock before a client is made.

    A client that cannot connect closes itself when it is collected; should that happen while
    another starts, it waits for itself for ever.
    """
    from distributed.comm import get_address_host_port

    try:
        host, port = get_address_host_port(address)
        socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
    except NotImplementedError:
        # A way to connect that has no port.
        return
    except (OSError, ValueError, TypeError) as error:
        raise ArchiveError(f"No scheduler answers at {address}.") from error


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise ArchiveError(
            "A scheduler needs Dask: install radiograph-viewer[cluster] here and on its workers."
        ) from error
    # Its lines about connections would stand between ours, which say the same in one sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set({"distributed.comm.timeouts.connect": f"{_CONNECT_SECONDS:g}s"})
    _see_that_it_listens(address)
    try:
        client = Client(
            address, timeout=_CONNECT_SECONDS, set_as_default=False, name="radview-archive"
        )
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        raise ArchiveError(f"No scheduler answers at {address}.") from error
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=5)


@contextlib.contextmanager
def _marked(folder: Path) -> Iterator[Path]:
    """Put the mark of this run into the folder; those of runs that were killed go."""
    mark = folder / f"{MARK}{uuid.uuid4().hex}"
    try:
        for old in folder.glob(f"{MARK}*"):
            old.unlink(missing_ok=True)
        mark.touch(mode=0o600)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FolderError(f"{folder} cannot be written: {reason}.") from error
    try:
        yield mark
    finally:
        with contextlib.suppress(OSError):
            mark.unlink()

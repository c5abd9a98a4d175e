"""Archiving many studies in lane "archive": started, held, stopped, and looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.images.library import Library
from viewer.images.radiograph import Header
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, PauseToken, Progress

if TYPE_CHECKING:
    from viewer.archive.many.records import ImageRow
    from viewer.archive.many.settings import Settings
    from viewer.archive.many.summary import ManySummary


class State(Enum):
    """What a run is doing."""

    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be archived, where to and how.

    Parameters
    ----------
    sources : tuple of Path
        Files and folders.
    folder : Path
        Where the archives go.
    settings : Settings
    jobs : int
        Worker processes.
    copy_bad : bool
        Whether files that cannot be archived are copied as they are.
    """

    sources: tuple[Path, ...]
    folder: Path
    settings: Settings
    jobs: int = 1
    copy_bad: bool = False


def archive(order: Order, *, progress: Progress, cancel: CancelToken) -> ManySummary:
    """Archive what was ordered in processes of their own, so that the window stays usable."""
    from viewer.archive.many.archiving import archive_many

    return archive_many(
        order.sources,
        order.folder,
        order.settings,
        jobs=order.jobs,
        apart=True,
        copy=order.copy_bad,
        progress=progress,
        cancel=cancel,
    )


class Archiving(QObject):
    """One run at a time.

    Parameters
    ----------
    queue : JobQueue
    library : Library
        What is open.
    open_paths, select : callable
        Of the session: open files; show an image.
    """

    state_changed = Signal(object)
    """The new `State`."""
    progressed = Signal(float, str)
    succeeded = Signal(object)
    """A `ManySummary`."""
    failed = Signal(str)
    rewritten = Signal(object)
    """The path of an archive that was written: if it is open, it lies otherwise now."""
    stopped = Signal()
    """By the user, or with the window; finished studies stand."""

    def __init__(
        self,
        queue: JobQueue,
        library: Library,
        open_paths: Callable[[list[Path]], None],
        select: Callable[[Header], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._library = library
        self._open_paths = open_paths
        self._select = select
        self._token = PauseToken()
        self._looked_for: tuple[Path, int] | None = None
        self.state = State.IDLE
        self.order: Order | None = None

    @property
    def busy(self) -> bool:
        """Whether a run is under way, held or not."""
        return self.state is not State.IDLE

    def start(self, order: Order) -> None:
        """Begin a run, or go on with one that was stopped; does nothing while one is under way."""
        if self.busy:
            return
        self.order, self._token = order, PauseToken()
        job = self._queue.submit(
            archive, order, lane="archive", title="Archiving", token=self._token
        )
        job.progressed.connect(self.progressed)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(lambda error: self.failed.emit(str(error)))
        job.cancelled.connect(self.stopped)
        job.finished.connect(lambda: self._become(State.IDLE))
        self._job: Job = job
        self._become(State.WORKING)

    def pause(self) -> None:
        """Hold all that works at its next step; what it has done so far is kept in memory."""
        if self.state is State.WORKING:
            self._token.pause()
            self._become(State.PAUSED)

    def resume(self) -> None:
        """Let it go on."""
        if self.state is State.PAUSED:
            self._token.resume()
            self._become(State.WORKING)

    def stop(self) -> None:
        """End the run; `stopped` follows once its processes have ended, not before."""
        if self.state in (State.WORKING, State.PAUSED):
            self._become(State.STOPPING)
            self._token.cancel()

    def show(self, folder: Path, row: ImageRow) -> None:
        """Show an image archived in a folder beside its original, if that is still there."""
        archive = folder / row.archive
        self._looked_for = (archive, row.number)
        if not self._found():
            source = Path(row.source)
            # The original first: it is there when the archived image is chosen.
            self._open_paths([*([source] if source.is_file() else []), archive])

    def library_changed(self) -> None:
        """Choose the image asked for once it is there."""
        if self._looked_for is not None:
            self._found()

    def opening_finished(self) -> None:
        """Look for nothing any more: all that was being opened is."""
        self._looked_for = None

    def _on_succeeded(self, summary: ManySummary | None) -> None:
        if summary is None:
            # The window was closed on the run just as it ended.
            return
        for outcome in summary.outcomes[summary.resumed :]:
            if outcome.archive:
                self.rewritten.emit(summary.folder / outcome.archive)
        self.succeeded.emit(summary)

    def _found(self) -> bool:
        assert self._looked_for is not None
        archive, number = self._looked_for
        place = archive / f"{number:04d}"
        for header in self._library.headers:
            if header.path.parent == place:
                self._looked_for = None
                self._select(header)
                return True
        return False

    def _become(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

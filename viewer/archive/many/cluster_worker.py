"""What a worker of a cluster does: a study into a staged file, which its driver gives its name."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from viewer import __version__
from viewer.archive.atomic import PREFIX, SUFFIX
from viewer.archive.many.one_study import FolderError, archive_study
from viewer.archive.many.records import Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.many.worker import Stop
from viewer.codecs import registry
from viewer.errors import Cancelled, CodecError, RadviewError
from viewer.progress import CancelToken

_LOOK_EVERY = 1.0
"""Seconds between looks at whether the run goes on."""


@dataclass(frozen=True, slots=True)
class Run:
    """What all workers of a run are told.

    Parameters
    ----------
    folder : str
        Absolute, where the archives go.
    mark : str
        A file that is there as long as the run is wanted, by which a worker also tells that it
        sees the same storage.
    settings : Settings
    version : str
        Of the program that drives the run.
    """

    folder: str
    mark: str
    settings: Settings
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Staged:
    """A study that is done; its outcome names the staged file, "" where there is none."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Unseen:
    """A source file that this worker does not find, and where the worker is."""

    path: str


class MarkToken(CancelToken):
    """Cancels what runs once the mark of its run has gone: the driver stopped or was replaced."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._mark = mark
        self._looked = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the mark has gone."""
        now = time.monotonic()
        if not super().cancelled and now - self._looked >= _LOOK_EVERY:
            self._looked = now
            if not _there(self._mark):
                self.cancel()
        return super().cancelled

    def check(self) -> None:
        """Stop here if the mark has gone.

        Raises
        ------
        Cancelled
        """
        if self.cancelled:
            raise Cancelled


def unfit(run: Run) -> str:
    """Return why this worker cannot take part in a run, "" where it can."""
    if run.version != __version__:
        return f"it has version {__version__} of the program, this is {run.version}"
    if not _there(run.mark):
        return f"it does not see {run.folder}"
    if not os.access(run.folder, os.W_OK):
        return f"it may not write into {run.folder}"
    try:
        return registry.get(run.settings.codec).unavailable()
    except CodecError as error:
        return str(error)


def stage_study(task: StudyTask, run: Run, *, partly: bool = False) -> Staged | Unseen | Stop:
    """Archive a study into a staged file of its own.

    Two workers that do the same study, because one was thought dead, do not meet: only the driver
    gives a file the name of an archive, and it gives it once.

    Parameters
    ----------
    partly : bool
        Whether to go on where source files are not there; they are bad files then.

    Raises
    ------
    Cancelled
        When the run is not wanted any more.
    """
    cancel = MarkToken(run.mark)
    cancel.check()
    if not partly:
        for path in task.sources:
            if not _there(path):
                return Unseen(path)
    staged = f"{PREFIX}{uuid.uuid4().hex}{SUFFIX}"
    try:
        outcome = archive_study(
            replace(task, archive=staged), Path(run.folder), run.settings, cancel=cancel
        )
    except Cancelled:
        raise
    except FolderError as error:
        return Stop(str(error))
    except RadviewError as error:
        return Stop(f"{task.archive}: {error}")
    return Staged(outcome)


def named(outcome: Outcome, archive: str) -> Outcome:
    """Return an outcome with the name its archive goes by."""
    rows = tuple(replace(row, archive=archive) for row in outcome.images)
    return replace(outcome, archive=archive if outcome.archive else "", images=rows)


def _there(path: str) -> bool:
    """Whether a file is there; storage that does not answer says nothing."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True

"""Searches in the background the setting with which another codec matches a coding."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.codecs.base import Options, Target
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.matching import By, Match

TITLE = "Matching"


def search(
    reference: Comparison,
    coding: Coding,
    by: By,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Match:
    """Match a coding, with smaller tiles or on the CPU where memory runs out."""
    from viewer.evaluation.matching import match_codec

    def attempt(options: Options) -> Match:
        return match_codec(
            reference, coding.codec, by, options=options, progress=progress, cancel=cancel
        )

    return in_memory(coding, 0, attempt, deliver)[0]


class Matching(QObject):
    """One search at a time, in lane "matching"; a new one replaces it."""

    started = Signal()
    progressed = Signal(str, float, str)
    found = Signal(object)
    """A `viewer.evaluation.matching.Match`."""
    failed = Signal(str)
    notice = Signal(str)
    finished = Signal()
    """No search runs any more."""

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a search runs."""
        return self._job is not None

    def start(self, reference: Comparison, codec: str, by: By, device: str) -> None:
        """Search the setting of `codec` that gives the reference's bytes or PSNR."""
        self._stop()
        coding = Coding(codec, Target("bpp", reference.bpp), device)
        job = self._queue.submit(
            search, reference, coding, by, lane="matching", title=TITLE, delivers=True
        )
        self._job = job
        job.progressed.connect(lambda f, text: self.progressed.emit(TITLE, f, text))
        job.delivered.connect(lambda text: self.notice.emit(str(text)))
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)
        self.started.emit()

    def cancel(self) -> None:
        """Give up."""
        if self._stop():
            self.finished.emit()

    def _stop(self) -> bool:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        return job is not None

    def _on_found(self, match: Match) -> None:
        self._job = None
        self.found.emit(match)
        self.finished.emit()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(str(error))
        self.finished.emit()

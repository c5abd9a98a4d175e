"""The switch that judges what is displayed instead of what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.images.voi import Voi
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.models import Box

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.displayed import Displayed

REST_MS = 150
"""How long a window rests before it is judged: a drag would start a job a pixel."""


def measure(
    comparison: Comparison,
    voi: Voi | None,
    box: Box | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Displayed:
    """Measure both pictures as they are displayed."""
    from viewer.evaluation.displayed import compare_displayed

    return compare_displayed(
        comparison.radiograph, comparison.reconstruction, voi, box=box, cancel=cancel
    )


class Judging(QObject):
    """Figures of the latest comparison through the current window, while switched on."""

    changed = Signal(bool, object)
    """Whether it is on, and the `Displayed`: None while there is none or it is computed."""
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on = False
        self.displayed: Displayed | None = None
        self._queue = queue
        self._comparison: Comparison | None = None
        self._voi: Voi | None = None
        self._box: Box | None = None
        self._job: Job | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._start)

    def switch(self, on: bool) -> None:
        """Judge what is displayed, or what is stored."""
        if on != self.on:
            self.on = on
            self._again(at_once=True)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Judge another comparison."""
        self._comparison = comparison
        self._again(at_once=True)

    def set_voi(self, voi: Voi | None) -> None:
        """Judge through another window, once it rests."""
        self._voi = voi
        self._again()

    def set_box(self, box: Box | None) -> None:
        """Judge another rectangle as well."""
        self._box = box
        self._again()

    def stop(self) -> None:
        """Start nothing more."""
        self._rest.stop()

    def _again(self, *, at_once: bool = False) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._rest.stop()
        if self.displayed is not None or at_once:
            self.displayed = None
            self.changed.emit(self.on, None)
        if self.on and self._comparison is not None:
            if at_once:
                self._start()
            else:
                self._rest.start()

    def _start(self) -> None:
        assert self._comparison is not None
        self._job = self._queue.submit(
            measure,
            self._comparison,
            self._voi,
            self._box,
            lane="displayed",
            title="Figures as displayed",
        )
        self._job.succeeded.connect(self._on_measured)
        self._job.failed.connect(self._on_failed)

    def _on_measured(self, displayed: Displayed) -> None:
        self._job = None
        self.displayed = displayed
        self.changed.emit(self.on, displayed)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(str(error))

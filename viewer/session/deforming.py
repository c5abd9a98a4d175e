"""What a downsampler does to the image shown: its grid at once, the picture put back after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.session.models import Box
from viewer.session.sampling_work import Deformed, Placed, Sampling, judge_all, place_and_deform

if TYPE_CHECKING:
    from viewer.images.radiograph import Radiograph
    from viewer.metrics.figures import Figures


class Deforming(QObject):
    """The sampling chosen for the image shown and what came of it; works only while it is on."""

    changed = Signal()
    """On or off, or another sampling, or another image: what is shown is out of date."""
    placed_changed = Signal()
    deformed_changed = Signal()
    figures_changed = Signal()
    failed = Signal(str)
    progressed = Signal(float, str)
    finished = Signal()

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.on = False
        self.sampling = Sampling()
        self.placed: Placed | None = None
        self.deformed: Deformed | None = None
        self.figures: dict[str, Figures] = {}
        self._radiograph: Radiograph | None = None
        self._box: Box | None = None
        self._restored: dict[str, Radiograph] = {}
        self._job: Job | None = None
        self._judging: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return self._job is not None or self._judging is not None

    @property
    def restored(self) -> Radiograph | None:
        """The picture put back, as panes show it; None while there is none."""
        return None if self.deformed is None else self.deformed.restored

    @property
    def box(self) -> Box | None:
        """The rectangle that the figures are of; None for the whole image."""
        return self._box

    def switch(self, on: bool) -> None:
        """Begin to follow the image, or stop."""
        if on != self.on:
            self.on = on
            self._renew(forget=not on)

    def choose(self, sampler: str | None = None, side: int | None = None) -> None:
        """Sample otherwise."""
        chosen = Sampling(sampler or self.sampling.sampler, side or self.sampling.side)
        if chosen == self.sampling:
            return
        resized = chosen.side != self.sampling.side
        self.sampling = chosen
        self._renew(forget=resized)

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image, or none while one is read."""
        self._radiograph = radiograph
        self._box = None
        self._renew(forget=True)

    def set_box(self, box: Box | None) -> None:
        """Measure a rectangle instead of the whole image."""
        if box != self._box:
            self._box = box
            self.figures.clear()
            self.figures_changed.emit()
            self._judge()

    def cancel(self) -> None:
        """Give up what is under way."""
        for job in (self._job, self._judging):
            if job is not None:
                job.cancel()
        self._job = self._judging = None
        self.finished.emit()

    def _renew(self, *, forget: bool) -> None:
        self.cancel()
        self.placed = self.deformed = None
        if forget:
            self._restored.clear()
            self.figures.clear()
        self.changed.emit()
        self.placed_changed.emit()
        self.deformed_changed.emit()
        self.figures_changed.emit()
        if not self.on or self._radiograph is None:
            return
        job = self._queue.submit(
            place_and_deform,
            self._radiograph,
            self.sampling,
            lane="deformation",
            title="Deformation",
            delivers=True,
        )
        self._job = job
        job.delivered.connect(self._on_placed)
        job.succeeded.connect(self._on_deformed)
        job.failed.connect(self._on_failed)
        job.progressed.connect(self.progressed)

    def _on_placed(self, placed: object) -> None:
        assert isinstance(placed, Placed)
        self.placed = placed
        self.placed_changed.emit()

    def _on_deformed(self, deformed: Deformed) -> None:
        self._job = None
        self.deformed = deformed
        self._restored[deformed.sampling.sampler] = deformed.restored
        self.deformed_changed.emit()
        self.finished.emit()
        self._judge()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.finished.emit()
        self.failed.emit(str(error))

    def _judge(self) -> None:
        if self._judging is not None:
            self._judging.cancel()
            self._judging = None
        if not self.on or self._radiograph is None or self.deformed is None:
            return
        job = self._queue.submit(
            judge_all,
            self._radiograph,
            dict(self._restored),
            self.sampling.side,
            self._box,
            lane="deformation figures",
            title="Figures of the samplers",
            delivers=True,
        )
        self._judging = job
        job.delivered.connect(self._on_judged)
        job.succeeded.connect(lambda _: self._on_all_judged())
        job.failed.connect(self._on_judging_failed)

    def _on_judged(self, answer: object) -> None:
        from viewer.images.radiograph import Radiograph

        assert isinstance(answer, tuple)
        sampler, found = answer
        if isinstance(found, Radiograph):
            self._restored[sampler] = found
        else:
            self.figures[sampler] = found
            self.figures_changed.emit()

    def _on_all_judged(self) -> None:
        self._judging = None
        self.finished.emit()

    def _on_judging_failed(self, error: Exception) -> None:
        self._judging = None
        self.finished.emit()
        self.failed.emit(str(error))

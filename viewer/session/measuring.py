"""What is measured on the images of a session: shapes by image, figures from a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.metrics.measuring.measured import Measured, Measurement
from viewer.metrics.measuring.shapes import Shape
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.evaluation.comparison import Comparison
    from viewer.images.radiograph import Header, Radiograph


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What was measured of one shape, and whether its SSIM is among it."""

    number: int
    measured: Measured
    thorough: bool


def measure_all(
    wanted: tuple[Measurement, ...],
    original: Radiograph,
    reconstruction: Radiograph | None,
    thorough: bool,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Measure shapes and deliver an `Answer` each."""
    from viewer.linking import load_opencv
    from viewer.metrics.measuring.measuring import measure

    load_opencv()
    for measurement in wanted:
        cancel.check()
        found = measure(
            measurement.shape, original, reconstruction, similarity=thorough, cancel=cancel
        )
        deliver(Answer(measurement.number, found, thorough))


def read_kept(
    coded: CodedImage, *, progress: Progress, cancel: CancelToken
) -> tuple[Measurement, ...]:
    """Read what an archive keeps of the measurements on an image."""
    from viewer.archive.measurement_record import measurements_from_json

    data = coded.members.measurements()
    return measurements_from_json(data, coded.header.frames) if data else ()


class Measuring(QObject):
    """The measurements of every image opened, and the figures of those on the image shown.

    One job measures at a time; what changes meanwhile is measured after it, the latest state
    alone, so that figures keep coming while a shape is dragged. A dragged shape is measured
    without SSIM until it is let go.
    """

    changed = Signal()
    """Which measurements there are, or one of them, or which is selected."""
    measured = Signal(int)
    """The number of a measurement whose figures are new."""
    failed = Signal(str)

    def __init__(
        self,
        queue: JobQueue,
        coded: Callable[[Header], CodedImage | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._coded = coded
        self._kept: dict[Path, tuple[Measurement, ...]] = {}
        self._highest: dict[Path, int] = {}
        self._radiograph: Radiograph | None = None
        self._comparison: Comparison | None = None
        self._answers: dict[int, Answer] = {}
        self._dragged: Measurement | None = None
        self._job: Job | None = None
        self.selected: int | None = None

    @property
    def path(self) -> Path | None:
        """The image shown."""
        return None if self._radiograph is None else self._radiograph.header.path

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Those on the frame shown, the one being dragged as it is now."""
        if self._radiograph is None:
            return ()
        frame = self._radiograph.frame
        there = [m for m in self._kept.get(self._radiograph.header.path, ()) if m.frame == frame]
        dragged = self._dragged
        if dragged is not None:
            there = [m for m in there if m.number != dragged.number] + [dragged]
        return tuple(sorted(there, key=lambda m: m.number))

    def get(self, number: int | None) -> Measurement | None:
        """Return a measurement of the frame shown."""
        return next((m for m in self.measurements if m.number == number), None)

    def result(self, number: int) -> Measured | None:
        """Return the figures of a measurement; None while they are being computed."""
        answer, measurement = self._answers.get(number), self.get(number)
        if answer is None or measurement is None or answer.measured.shape != measurement.shape:
            return None
        return answer.measured

    def next_number(self) -> int:
        """Return the number that a new measurement of the image gets."""
        path = self.path
        return 1 if path is None else self._highest.get(path, 0) + 1

    def all_of(self, path: Path) -> tuple[Measurement, ...] | None:
        """Return the measurements of an image on all frames; None where it was never looked at."""
        return self._kept.get(path)

    def results(self) -> Mapping[int, Measured]:
        """Return the figures at hand of the image shown."""
        found = ((m.number, self.result(m.number)) for m in self.measurements)
        return {number: result for number, result in found if result is not None}

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Show the measurements of another image."""
        self._stop()
        self._radiograph, self._comparison, self._dragged = radiograph, None, None
        self._answers.clear()
        self.selected = None
        if radiograph is not None and radiograph.header.path not in self._kept:
            path = radiograph.header.path
            self._kept[path] = ()
            coded = self._coded(radiograph.header)
            if coded is not None:
                del self._kept[path]
                self._read(path, coded)
        self.changed.emit()
        self._measure()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Measure in another reconstruction as well."""
        if comparison is not self._comparison:
            self._stop()
            self._comparison = comparison
            self._answers.clear()
            self.changed.emit()
            self._measure()

    def reopened(self, path: Path) -> None:
        """Take what an archive keeps now that was opened again; of files, what was drawn stays."""
        if not path.is_file() and path != self.path:
            self._kept.pop(path, None)

    def select(self, number: int | None) -> None:
        """Choose a measurement, or none."""
        if number != self.selected:
            self.selected = number
            self.changed.emit()

    def drag(self, measurement: Measurement | None) -> None:
        """Show and measure a shape while it is being drawn or changed; None ends that."""
        self._dragged = measurement
        self.changed.emit()
        self._measure()

    def put(self, measurement: Measurement, path: Path | None = None) -> None:
        """Keep a measurement, in the place of the one with its number."""
        where = path or self.path
        if where is None:
            return
        self._dragged = None
        others = [m for m in self._kept.get(where, ()) if m.number != measurement.number]
        self._kept[where] = tuple(sorted([*others, measurement], key=lambda m: m.number))
        self._highest[where] = max(self._highest.get(where, 0), measurement.number)
        self.changed.emit()
        self._measure()

    def remove(self, number: int, path: Path | None = None) -> None:
        """Take a measurement away."""
        where = path or self.path
        if where is None:
            return
        self._kept[where] = tuple(m for m in self._kept.get(where, ()) if m.number != number)
        if self.selected == number:
            self.selected = None
        self._answers.pop(number, None)
        self.changed.emit()

    def add(self, shape: Shape) -> Measurement:
        """Return a new measurement of the frame shown, not yet kept."""
        frame = 0 if self._radiograph is None else self._radiograph.frame
        return Measurement(self.next_number(), shape, frame)

    def changed_shape(self, number: int, shape: Shape) -> Measurement | None:
        """Return a measurement of the frame shown with another shape, not yet kept."""
        measurement = self.get(number)
        return None if measurement is None else replace(measurement, shape=shape)

    def _read(self, path: Path, coded: CodedImage) -> None:
        job = self._queue.submit(
            read_kept, coded, lane="measurements", title="Reading measurements", replace=False
        )
        job.succeeded.connect(lambda kept: self._on_read(path, kept))
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def _on_read(self, path: Path, kept: tuple[Measurement, ...]) -> None:
        drawn = self._kept.get(path, ())
        highest = max((m.number for m in kept), default=0)
        # What was drawn while the archive was being read gets numbers behind those in it.
        moved = [replace(m, number=highest + i) for i, m in enumerate(drawn, 1)]
        self._kept[path] = (*kept, *moved)
        self._highest[path] = highest + len(moved)
        self.changed.emit()
        self._measure()

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _wanted(self) -> tuple[tuple[Measurement, ...], bool]:
        """Return what is to be measured next: what is dragged first, and roughly."""
        dragged = self._dragged
        if dragged is not None:
            answer = self._answers.get(dragged.number)
            fresh = answer is not None and answer.measured.shape == dragged.shape
            return ((), False) if fresh else ((dragged,), False)
        missing = []
        for measurement in self.measurements:
            answer = self._answers.get(measurement.number)
            shape = measurement.shape
            if answer is None or answer.measured.shape != shape or not answer.thorough:
                missing.append(measurement)
        return tuple(missing), True

    def _measure(self) -> None:
        if self._job is not None or self._radiograph is None:
            return
        wanted, thorough = self._wanted()
        if not wanted:
            return
        comparison = self._comparison
        both = None if comparison is None else comparison.reconstruction
        job = self._queue.submit(
            measure_all, wanted, self._radiograph, both, thorough,
            lane="measuring", title="Measuring", delivers=True,
        )  # fmt: skip
        self._job = job
        job.delivered.connect(self._on_answer)
        job.succeeded.connect(lambda _: self._on_finished(job))
        job.failed.connect(lambda error: self._on_failed(job, str(error)))

    def _on_answer(self, answer: Answer) -> None:
        self._answers[answer.number] = answer
        self.measured.emit(answer.number)

    def _on_finished(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._measure()

    def _on_failed(self, job: Job, sentence: str) -> None:
        # Not tried again: what failed once would fail at every move.
        if job is self._job:
            self._job = None
            self.failed.emit(sentence)

"""Saving in lane "save": one file after the other, each finished and checked or not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.session.measurement_files import Sheet, save_csv, save_report
from viewer.session.reporting import ReportOptions, save_comparison_report
from viewer.session.save_options import AS_USUAL, SaveOptions
from viewer.session.writing import StudyImage, Which, save_dicom, save_png, save_study

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.rate_points import RatePoint
    from viewer.images.radiograph import Radiograph
    from viewer.images.voi import Voi
    from viewer.session.models import Coding


class Saving(QObject):
    """Submits the saving functions and tells what became of them."""

    saved = Signal(object)
    failed = Signal(str)
    finished = Signal()
    progressed = Signal(str, float, str)
    notice = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._jobs: dict[int, Job] = {}

    @property
    def busy(self) -> bool:
        """Whether something is being saved."""
        return any(not job.over for job in self._jobs.values())

    def save_archive(
        self,
        path: Path,
        images: tuple[StudyImage, ...],
        coding: Coding,
        options: SaveOptions = AS_USUAL,
    ) -> None:
        """Write a study archive."""
        arguments = (path, images, coding, options)
        self._start("Saving the archive", save_study, *arguments, delivers=True)

    def export_dicom(
        self, path: Path, radiograph: Radiograph, image: StudyImage, coding: Coding
    ) -> None:
        """Write one image as DICOM."""
        arguments = (path, radiograph, image, coding)
        self._start("Exporting DICOM", save_dicom, *arguments, delivers=True)

    def export_png(
        self,
        path: Path,
        which: Which,
        radiograph: Radiograph,
        comparison: Comparison | None,
        voi: Voi | None,
    ) -> None:
        """Write one displayed picture."""
        if which not in get_args(Which):
            raise ValueError(f"no such picture: {which}")
        self._start("Exporting PNG", save_png, path, which, radiograph, comparison, voi)

    def write_measurements(self, path: Path, sheet: Sheet) -> None:
        """Write measurements: a table as .csv, else a structured report."""
        if path.suffix.lower() == ".csv":
            self._start("Writing the table", save_csv, path, sheet)
        else:
            self._start("Writing the structured report", save_report, path, sheet)

    def write_report(
        self,
        path: Path,
        comparison: Comparison,
        voi: Voi | None,
        sheet: Sheet | None,
        points: tuple[RatePoint, ...],
        options: ReportOptions,
    ) -> None:
        """Write a report of a comparison."""
        arguments = (path, comparison, voi, sheet, points, options)
        self._start("Writing the report", save_comparison_report, *arguments)

    def cancel(self) -> bool:
        """Give up all that is being saved; return whether anything was."""
        jobs = [job for job in self._jobs.values() if not job.over]
        for job in jobs:
            job.cancel()
        return bool(jobs)

    def _start(self, title: str, function: object, *args: object, delivers: bool = False) -> None:
        assert callable(function)
        job = self._queue.submit(
            function, *args, lane="save", title=title, replace=False, delivers=delivers
        )
        number = job.generation
        self._jobs[number] = job
        self.progressed.emit(title, 0.0, "")
        job.progressed.connect(lambda fraction, text: self.progressed.emit(title, fraction, text))
        job.delivered.connect(lambda text: self.notice.emit(str(text)))
        job.succeeded.connect(self.saved)
        job.failed.connect(lambda error: self.failed.emit(str(error)))
        job.finished.connect(lambda: self._end(number))

    def _end(self, number: int) -> None:
        del self._jobs[number]
        self.finished.emit()

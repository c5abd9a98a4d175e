"""The measured rectangle: its figures are computed in their own lane, the latest wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.models import Box, clamp_box

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.images.radiograph import Radiograph
    from viewer.metrics.figures import Figures


def measure(
    comparison: Comparison, box: Box, *, progress: Progress, cancel: CancelToken
) -> Figures:
    """Return the figures of the stored pixels cropped to a box."""
    from viewer.codecs.base import PixelFormat
    from viewer.metrics.figures import compare

    header = comparison.radiograph.header
    return compare(
        comparison.radiograph.pixels,
        comparison.reconstruction.pixels,
        PixelFormat(header.bits_stored, header.signed),
        box=box,
        padding=header.grey.padding,
        cancel=cancel,
    )


class Region(QObject):
    """A box of the image shown, and its figures in the latest comparison."""

    box_changed = Signal(object)
    figures_changed = Signal(object)
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box: Box | None = None
        self.figures: Any = None
        self._queue = queue
        self._radiograph: Radiograph | None = None
        self._comparison: Comparison | None = None
        self._job: Job | None = None

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Take another image; the box of the one before goes."""
        self.set_comparison(None)
        self.set_box(None)
        self._radiograph = radiograph

    def set_box(self, box: Box | None) -> None:
        """Measure the part of a box that lies in the image; None measures nothing."""
        if box is not None:
            header = self._radiograph.header if self._radiograph is not None else None
            box = clamp_box(box, header.rows, header.columns) if header is not None else None
        if box == self.box:
            return
        self.box = box
        self._give_up()
        self.box_changed.emit(box)
        self._measure()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Measure in another comparison.

        To be called before the comparison is shown: the old figures go first, those that came
        with it follow through `announce`.
        """
        self._comparison = comparison
        self._give_up()

    def announce(self) -> None:
        """Give the figures that came with the comparison, or have them computed."""
        comparison = self._comparison
        if comparison is None or self.box is None:
            return
        if comparison.box == self.box and comparison.box_figures is not None:
            self._set(comparison.box_figures)
        else:
            self._measure()

    def _give_up(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._set(None)

    def _measure(self) -> None:
        if self.box is None or self._comparison is None:
            return
        self._job = self._queue.submit(
            measure, self._comparison, self.box, lane="figures", title="Figures of the rectangle"
        )
        self._job.succeeded.connect(self._on_measured)
        self._job.failed.connect(self._on_failed)

    def _on_measured(self, figures: Figures) -> None:
        self._job = None
        self._set(figures)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(str(error))

    def _set(self, figures: Any) -> None:
        if figures is not self.figures:
            self.figures = figures
            self.figures_changed.emit(figures)

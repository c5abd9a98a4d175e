"""The image shown, spoiled before it is coded; never in place of the original where files go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.evaluation.spoiling import Spoiling, spoil
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Radiograph
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.metrics.figures import Figures

BEFORE, CODED, AFTER = "before", "coded", "after"
"""Spoiled against the original; decoded against the spoiled; decoded against the original."""


@dataclass(frozen=True, eq=False, slots=True)
class Spoiled:
    """A spoiled picture and how it was spoiled."""

    spoiling: Spoiling
    radiograph: Radiograph


def make_spoiled(
    original: Radiograph, spoiling: Spoiling, *, progress: Progress, cancel: CancelToken
) -> Spoiled:
    """Spoil a radiograph; it gets a name of its own, so that nothing takes it for the original."""
    header = original.header
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    pixels = spoil(original.pixels, pixel_format, spoiling, progress=progress, cancel=cancel)
    named = f"{header.path.name} (spoiled by {spoiling.text})".replace("/", " a ")
    renamed = replace(header, path=header.path.with_name(named))
    return Spoiled(spoiling, replace(original, header=renamed, pixels=pixels))


def measure(
    first: Radiograph, second: Radiograph, *, progress: Progress, cancel: CancelToken
) -> Figures:
    """Figures of the second picture against the first."""
    from viewer.metrics.figures import compare

    header = first.header
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    return compare(
        first.pixels, second.pixels, pixel_format, padding=header.grey.padding, cancel=cancel
    )


class Spoiler(QObject):
    """Spoils the image shown in lane "spoil"; while a slider moves, the newest wish follows."""

    changed = Signal()
    """What is asked for, or whether anything is spoiled."""
    replaced = Signal(object, bool)
    """The `Radiograph` to show and code from now on, and whether a slider still moves."""
    figures_changed = Signal()
    failed = Signal(str)
    progressed = Signal(float, str)
    finished = Signal()

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.asked = Spoiling()
        self.spoiled: Spoiled | None = None
        self.figures: dict[str, Figures] = {}
        self._original: Radiograph | None = None
        self._comparison: Comparison | None = None
        self._job: Job | None = None
        self._measuring: dict[str, Job] = {}
        self._again = False
        self._live = False

    @property
    def original(self) -> Radiograph | None:
        """The image as it was read."""
        return self._original

    @property
    def radiograph(self) -> Radiograph | None:
        """The spoiled picture that stands for the image; None while it is as it was read."""
        return None if self.spoiled is None else self.spoiled.radiograph

    @property
    def text(self) -> str:
        """How what is shown was spoiled, "" while it is not."""
        return "" if self.spoiled is None else self.spoiled.spoiling.text

    @property
    def refusal(self) -> str:
        """Why nothing can be saved or exported now, or ""."""
        if self.spoiled is None and not self.asked:
            return ""
        what = self.text or self.asked.text
        return f"The picture is spoiled ({what}): put the original back before it is saved."

    @property
    def busy(self) -> bool:
        """Whether a picture is being spoiled."""
        return self._job is not None

    def set_original(self, radiograph: Radiograph | None) -> None:
        """Take another image, which is not spoiled."""
        self._stop()
        self._original = radiograph
        self._comparison = None
        self.asked, self.spoiled = Spoiling(), None
        self._forget()
        self.changed.emit()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Take the latest coding: of a spoiled picture, it is judged against the original too."""
        self._comparison = comparison
        self._forget(CODED, AFTER)
        if comparison is not None and comparison.radiograph is self.radiograph:
            self.figures[CODED] = comparison.figures
            self._measure(AFTER, comparison.reconstruction)
        self.figures_changed.emit()

    def ask(self, spoiling: Spoiling, *, live: bool = False) -> None:
        """Spoil otherwise; `live` while a slider still moves. Nothing at all is the original."""
        if self._original is None or (spoiling == self.asked and live == self._live):
            return
        self.asked, self._live = spoiling, live
        if not spoiling:
            self.undo()
        elif live and self._job is not None:
            self._again = True
        else:
            self._start()
        self.changed.emit()

    def undo(self) -> None:
        """Put the original back."""
        self._stop()
        self.asked = Spoiling()
        before, self.spoiled = self.spoiled, None
        self._forget()
        if before is not None and self._original is not None:
            self.replaced.emit(self._original, self._live)
        self.changed.emit()

    def cancel(self) -> None:
        """Give up what is under way; what is shown stays as it is."""
        if self._job is None:
            return
        self._stop()
        self.asked = Spoiling() if self.spoiled is None else self.spoiled.spoiling
        self.changed.emit()
        self.finished.emit()

    def _start(self) -> None:
        self._stop()
        self._job = self._queue.submit(
            make_spoiled, self._original, self.asked, lane="spoil", title="Spoiling the picture"
        )
        self._job.progressed.connect(self.progressed)
        self._job.succeeded.connect(self._on_spoiled)
        self._job.failed.connect(self._on_failed)

    def _stop(self) -> None:
        job, self._job, self._again = self._job, None, False
        if job is not None:
            job.cancel()

    def _on_spoiled(self, spoiled: Spoiled) -> None:
        self._job = None
        again, self._again = self._again, False
        self.spoiled = spoiled
        self._forget()
        self._measure(BEFORE, spoiled.radiograph)
        self.replaced.emit(spoiled.radiograph, self._live)
        self.changed.emit()
        if again and self.asked != spoiled.spoiling:
            self._start()
        else:
            self.finished.emit()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self._again = False
        self.failed.emit(str(error))
        self.finished.emit()

    def _measure(self, which: str, picture: Radiograph) -> None:
        assert self._original is not None
        job = self._queue.submit(
            measure,
            self._original,
            picture,
            lane=f"spoil {which}",
            title="Figures against the original",
        )
        self._measuring[which] = job
        job.succeeded.connect(lambda figures: self._on_figures(which, figures))
        job.failed.connect(lambda error: self.failed.emit(str(error)))

    def _on_figures(self, which: str, figures: Figures) -> None:
        self._measuring.pop(which, None)
        self.figures[which] = figures
        self.figures_changed.emit()

    def _forget(self, *which: str) -> None:
        for each in which or (BEFORE, CODED, AFTER):
            self.figures.pop(each, None)
            job = self._measuring.pop(each, None)
            if job is not None:
                job.cancel()
        self.figures_changed.emit()

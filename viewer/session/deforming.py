"""What a downsampler does to the image shown: its grid at once, the picture put back after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress, silent
from viewer.session.models import Box

if TYPE_CHECKING:
    from viewer.images.radiograph import Radiograph
    from viewer.metrics.figures import Figures
    from viewer.sampling.deformation import Deformation
    from viewer.sampling.outlines import Outline

SAMPLERS = ("uniform", "edge", "learned")
SIDES = (32, 64, 96, 128, 192, 256)
"""Samples a side that are offered."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the image is sampled.

    Parameters
    ----------
    sampler : str
        One of `SAMPLERS`.
    side : int
        Samples a side.
    """

    sampler: str = "learned"
    side: int = 64


@dataclass(frozen=True, eq=False, slots=True)
class Placed:
    """Where the samples lie: there before anything is sampled.

    Parameters
    ----------
    sampling : Sampling
    positions : ndarray, shape (side, side, 2)
        x, y in pixels of the stored image, 0 being the outer edge of the first one.
    density : ndarray, 2-D
        Samples in each part of the picture; 1 is what the uniform grid has.
    """

    sampling: Sampling
    positions: NDArray[np.float64]
    density: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Deformed:
    """All that is shown of one sampling.

    Parameters
    ----------
    sampling : Sampling
    deformation : Deformation
    restored : Radiograph
        The picture put back to full size.
    small : Radiograph
        The picture as the network sees it.
    outlines : tuple of Outline
        Of the classes found; empty without weights.
    """

    sampling: Sampling
    deformation: Deformation
    restored: Radiograph
    small: Radiograph
    outlines: tuple[Outline, ...]


def place_and_deform(
    radiograph: Radiograph,
    sampling: Sampling,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Deformed:
    """Deliver where the samples lie, then return what they make of the picture."""
    from viewer.images.display import render
    from viewer.sampling import samplers
    from viewer.sampling.pyramid import build_pyramid

    progress(0.0, "looking at the picture")
    size = (sampling.side, sampling.side)
    chosen = samplers.get(sampling.sampler)
    shown = build_pyramid(render(radiograph))
    cancel.check()
    grid, density = chosen.grid(shown, size), chosen.density(shown, size)
    rows, columns = radiograph.pixels.shape[:2]
    positions = grid * np.array([columns, rows], np.float64)
    deliver(Placed(sampling, positions, density * density.size))
    return put_back(radiograph, sampling, progress=progress, cancel=cancel)


def put_back(
    radiograph: Radiograph,
    sampling: Sampling,
    *,
    segmented: bool = True,
    progress: Progress,
    cancel: CancelToken,
) -> Deformed:
    """Sample a picture, put it back to full size, and outline what the network finds in it."""
    from viewer.errors import ModelError
    from viewer.sampling.deformation import deform
    from viewer.sampling.outlines import outlines

    size = (sampling.side, sampling.side)
    with_classes = partial(deform, radiograph, sampling.sampler, size, progress=progress)
    try:
        result = with_classes(segmented=segmented, cancel=cancel)
    except ModelError:
        # Equal distances need no weights; without them nothing is outlined.
        if not segmented or sampling.sampler != "uniform":
            raise
        result = with_classes(segmented=False, cancel=cancel)
    found: tuple[Outline, ...] = ()
    if result.segmentation is not None:
        found = outlines(result.segmentation, result.classes)
    header = replace(radiograph.header, rows=sampling.side, columns=sampling.side)
    return Deformed(
        sampling,
        result,
        replace(radiograph.with_pixels(result.restored), overlays=()),
        replace(radiograph, header=header, pixels=result.sampled, overlays=()),
        found,
    )


def judge_all(
    radiograph: Radiograph,
    restored: Mapping[str, Radiograph],
    side: int,
    box: Box | None,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Deliver the figures of every sampler, and the pictures put back that were not there yet.

    What is delivered are pairs: the sampler's name, and a `Radiograph` or `Figures`.
    """
    from viewer.images.pixel_format import PixelFormat
    from viewer.metrics.figures import compare

    header = radiograph.header
    for number, sampler in enumerate(SAMPLERS):
        cancel.check()
        progress(number / len(SAMPLERS), sampler)
        there = restored.get(sampler)
        if there is None:
            there = put_back(
                radiograph,
                Sampling(sampler, side),
                segmented=False,
                progress=silent,
                cancel=cancel,
            ).restored
            deliver((sampler, there))
        figures = compare(
            radiograph.pixels,
            there.pixels,
            PixelFormat(header.bits_stored, header.signed),
            box=box,
            padding=header.grey.padding,
            cancel=cancel,
        )
        deliver((sampler, figures))


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

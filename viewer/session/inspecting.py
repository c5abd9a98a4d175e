"""A look inside the coding at hand: its maps at once, its pictures one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.codecs.base import Options, PixelFormat
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.models import Coding

if TYPE_CHECKING:
    from viewer.codecs.inspection import Inside
    from viewer.evaluation.comparison import Comparison
    from viewer.images.radiograph import Radiograph

LANE, PICTURES = "inside", "inside pictures"
MOST_BYTES = 256 << 20
"""Of the decoded pictures kept; figures of the others stay."""


@dataclass(frozen=True, eq=False, slots=True)
class InsidePicture:
    """A picture of a part of the bitstream, measured against the original.

    Parameters
    ----------
    key : str
        Of its `viewer.codecs.inspection.Choice`.
    psnr_db : float
        inf where they are alike.
    radiograph : Radiograph or None
        None where its pixels were let go of.
    """

    key: str
    psnr_db: float
    radiograph: Radiograph | None


def look_inside(
    comparison: Comparison, coding: Coding, *, progress: Progress, cancel: CancelToken
) -> Inside:
    """Look into the bitstream of a comparison.

    Raises
    ------
    CodecError
        When there is nothing to be shown of its codec.
    """
    from viewer.codecs.inspection import inspect

    header = comparison.radiograph.header
    return inspect(
        comparison.codec,
        comparison.encoded.data,
        comparison.radiograph.pixels,
        PixelFormat(header.bits_stored, header.signed),
        options=Options(device=coding.device),
        progress=progress,
        cancel=cancel,
    )


def decode_parts(
    inside: Inside,
    comparison: Comparison,
    keys: Sequence[str],
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Deliver an `InsidePicture` a key, in their order."""
    from viewer.metrics.errors import psnr

    radiograph = comparison.radiograph
    for number, key in enumerate(keys):
        cancel.check()

        def within(fraction: float, text: str, number: int = number) -> None:
            progress((number + fraction) / len(keys), text)

        pixels = inside.picture(key, progress=within, cancel=cancel)
        cancel.check()
        decibels = psnr(radiograph.pixels, pixels, radiograph.peak)
        deliver(InsidePicture(key, decibels, radiograph.with_pixels(pixels)))


class Inspecting(QObject):
    """Looks into the latest coding as long as it is on."""

    changed = Signal()
    """`inside`, `busy` or `error` say something else."""
    pictures_changed = Signal()
    chosen_changed = Signal()
    """Another picture was chosen, or the one chosen is there."""
    progressed = Signal(float, str)
    finished = Signal()

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.on = False
        self.inside: Inside | None = None
        self.error = ""
        self.pictures: dict[str, InsidePicture] = {}
        self.chosen = ""
        self._comparison: Comparison | None = None
        self._coding: Coding | None = None
        self._looked_at: Comparison | None = None
        self._job: Job | None = None
        self._decoding: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a bitstream is being looked into."""
        return self._job is not None

    @property
    def decoding(self) -> bool:
        """Whether pictures are still to come."""
        return self._decoding is not None

    @property
    def comparison(self) -> Comparison | None:
        """The coding that is, or would be, looked into."""
        return self._comparison

    @property
    def shown(self) -> Radiograph | None:
        """The picture chosen, None while there is none."""
        found = self.pictures.get(self.chosen)
        return None if found is None else found.radiograph

    @property
    def title(self) -> str:
        """What the picture chosen is called; "" where none is."""
        inside = self.inside
        choices = () if inside is None else inside.choices
        return next((each.title for each in choices if each.key == self.chosen), "")

    def switch(self, on: bool) -> None:
        """Begin to look, or stop."""
        if on != self.on:
            self.on = on
            self._renew()

    def set_comparison(self, comparison: Comparison | None, coding: Coding) -> None:
        """Take another coding; a base picture alone, or none, shows nothing."""
        if comparison is not None and comparison.partial:
            comparison = None
        self._comparison, self._coding = comparison, coding
        self._renew()

    def choose(self, key: str) -> None:
        """Show another picture; it is decoded first where it is not there."""
        if key == self.chosen:
            return
        self.chosen = key
        self.chosen_changed.emit()
        if self.inside is not None and self.shown is None:
            self._decode()

    def cancel(self) -> None:
        """Give up what is under way."""
        jobs, self._job, self._decoding = (self._job, self._decoding), None, None
        for job in jobs:
            if job is not None:
                job.cancel()
        if any(jobs):
            self.finished.emit()

    def _renew(self) -> None:
        comparison = self._comparison if self.on else None
        if comparison is self._looked_at and comparison is not None:
            return
        self.cancel()
        self._looked_at = comparison
        self.inside, self.error = None, ""
        self.pictures.clear()
        if comparison is not None:
            self._job = self._queue.submit(
                look_inside, comparison, self._coding, lane=LANE, title="Looking inside"
            )
            self._job.progressed.connect(self.progressed)
            self._job.succeeded.connect(self._on_inside)
            self._job.failed.connect(self._on_failed)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self.pictures_changed.emit()
        self.chosen_changed.emit()

    def _on_inside(self, inside: Inside) -> None:
        self._job = None
        self.inside = inside
        keys = [choice.key for choice in inside.choices]
        # The same part of the next coding stays chosen.
        if self.chosen not in keys:
            self.chosen = keys[0] if keys else ""
        self._tell()
        self.finished.emit()
        self._decode()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.error = str(error)
        self.changed.emit()
        self.finished.emit()

    def _decode(self) -> None:
        """Decode what is not there, the picture chosen first."""
        if self._decoding is not None:
            self._decoding.cancel()
            self._decoding = None
        assert self.inside is not None
        keys = [each.key for each in self.inside.choices if each.key not in self.pictures]
        if self.shown is None and self.chosen:
            keys = [self.chosen, *(key for key in keys if key != self.chosen)]
        if not keys:
            return
        self._decoding = self._queue.submit(
            decode_parts,
            self.inside,
            self._looked_at,
            keys,
            lane=PICTURES,
            title="Parts of the bitstream",
            delivers=True,
        )
        self._decoding.delivered.connect(self._on_picture)
        self._decoding.succeeded.connect(lambda _: self._on_decoded())
        self._decoding.failed.connect(self._on_decoding_failed)
        self.changed.emit()

    def _on_picture(self, picture: object) -> None:
        assert isinstance(picture, InsidePicture)
        self.pictures[picture.key] = picture
        self._let_go()
        self.pictures_changed.emit()
        if picture.key == self.chosen:
            self.chosen_changed.emit()

    def _let_go(self) -> None:
        """Keep as many pixels as there is room for; those chosen in any case."""
        there = [each for each in self.pictures.values() if each.radiograph is not None]
        total = sum(each.radiograph.pixels.nbytes for each in there if each.radiograph is not None)
        for each in there:
            if total <= MOST_BYTES:
                return
            if each.key != self.chosen and each.radiograph is not None:
                total -= each.radiograph.pixels.nbytes
                self.pictures[each.key] = replace(each, radiograph=None)

    def _on_decoded(self) -> None:
        self._decoding = None
        self.changed.emit()
        self.finished.emit()

    def _on_decoding_failed(self, error: Exception) -> None:
        self._decoding = None
        self.error = str(error)
        self.changed.emit()
        self.finished.emit()

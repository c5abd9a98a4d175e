"""The rate-distortion curve of the image shown, and the table over all images open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.errors import Cancelled, RadviewError
from viewer.images.radiograph import Header, Radiograph
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.folder_table import TableLine
    from viewer.evaluation.rate_points import RatePoint

Place = tuple[Path, int]
"""Path and frame of an image."""

MOST_IMAGES = 200
"""Images whose points are kept; those looked at longest ago go."""


def sweep(
    radiograph: Radiograph,
    wanted: Sequence[tuple[str, Target]],
    device: str,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Code an image at every rate; deliver a `RatePoint` each, or a sentence."""
    from viewer.evaluation.comparison import compare_radiograph, part
    from viewer.evaluation.rate_points import rate_point

    for number, (codec, target) in enumerate(wanted):
        cancel.check()
        place = f"{codec}, {number + 1}/{len(wanted)}"
        within = part(progress, number / len(wanted), (number + 1) / len(wanted))

        def attempt(options: Options) -> Comparison:
            return compare_radiograph(
                radiograph,
                codec,  # noqa: B023  (called at once)
                target,  # noqa: B023
                options=options,
                progress=lambda done, _: within(done, place),  # noqa: B023
                cancel=cancel,
            )

        try:
            coding = Coding(codec, target, device)
            deliver(rate_point(in_memory(coding, 0, attempt, lambda _: None)[0]))
        except Cancelled:
            raise
        except RadviewError as error:
            deliver(str(error))


def tabulate(
    headers: Sequence[Header],
    wanted: Sequence[tuple[str, Target]],
    patches: int,
    device: str,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Make the table of all images; deliver a `TableLine` each."""
    from viewer.evaluation.folder_table import folder_table
    from viewer.networks.torch_loading import load_torch

    if patches or any(registry.get(codec).info.learned for codec, _ in wanted):
        load_torch()
    folder_table(
        headers,
        wanted,
        patches=patches,
        deliver=deliver,
        options=Options(device),
        progress=progress,
        cancel=cancel,
    )


class Sweeping(QObject):
    """Points of each image, those of codings made by hand among them; one sweep at a time."""

    changed = Signal()
    """`points` says something else."""
    line_ready = Signal(object)
    """A `TableLine`."""
    busy_changed = Signal(bool)
    progressed = Signal(str, float, str)
    notice = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._radiograph: Radiograph | None = None
        self._points: dict[Place, dict[tuple[str, Target, str], RatePoint]] = {}
        self._job: Job | None = None
        self._of_image = False
        self.lines: list[TableLine] = []

    @property
    def busy(self) -> bool:
        """Whether a curve or a table is being made."""
        return self._job is not None

    @property
    def points(self) -> tuple[RatePoint, ...]:
        """What is known of the image shown."""
        return tuple(self._points.get(self._place(), {}).values())

    def set_image(self, radiograph: Radiograph | None) -> None:
        """Show the points of another image; a sweep of the last one stops."""
        if radiograph is not self._radiograph:
            if self._of_image:
                self.cancel()
            self._radiograph = radiograph
            self.changed.emit()

    def take(self, comparison: Comparison | None, *, roughly: bool) -> None:
        """Keep the point of a coding made by hand; one for a glance is none."""
        if comparison is None or roughly:
            return
        from viewer.evaluation.rate_points import rate_point

        header = comparison.radiograph.header
        self._add((header.path, comparison.radiograph.frame), rate_point(comparison))

    def start(self, codecs: Sequence[str], device: str = "auto") -> None:
        """Sweep the image over codecs; what is known already is not coded again."""
        from viewer.evaluation.rate_points import in_turn, swept_targets

        if self._radiograph is None:
            return
        known = {(p.codec, p.target) for p in self.points}
        plans = [(name, swept_targets(registry.get(name).info)) for name in codecs]
        wanted = [entry for entry in in_turn(plans) if entry not in known]
        if not wanted:
            self.notice.emit("Every point of these codecs is there already.")
            return
        place = self._place()
        job = self._submit("Curve", sweep, self._radiograph, wanted, device)
        self._of_image = True
        job.delivered.connect(lambda part: self._on_point(place, part))

    def start_table(
        self,
        headers: Sequence[Header],
        wanted: Sequence[tuple[str, Target]],
        patches: int,
        device: str = "auto",
    ) -> None:
        """Make the table over images."""
        if not headers or not wanted:
            return
        self.lines = []
        job = self._submit("Table", tabulate, tuple(headers), tuple(wanted), patches, device)
        self._of_image = False
        job.delivered.connect(self._on_line)

    def cancel(self) -> None:
        """Stop; the points that are done stay."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self.busy_changed.emit(False)

    def _submit(self, title: str, function: Callable[..., None], *args: object) -> Job:
        self.cancel()
        job = self._queue.submit(function, *args, lane="sweep", title=title, delivers=True)
        self._job = job
        job.progressed.connect(lambda done, text: self.progressed.emit(title, done, text))
        job.failed.connect(lambda error: self.notice.emit(str(error)))
        job.finished.connect(lambda: self._on_finished(job))
        self.busy_changed.emit(True)
        return job

    def _on_point(self, place: Place, found: RatePoint | str) -> None:
        if isinstance(found, str):
            self.notice.emit(found)
        else:
            self._add(place, found)

    def _on_line(self, line: TableLine) -> None:
        self.lines.append(line)
        self.line_ready.emit(line)

    def _on_finished(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self.busy_changed.emit(False)

    def _add(self, place: Place, point: RatePoint) -> None:
        there = self._points.pop(place, {})
        there[point.codec, point.target, point.model] = point
        self._points[place] = there
        while len(self._points) > MOST_IMAGES:
            self._points.pop(next(iter(self._points)))
        if place == self._place():
            self.changed.emit()

    def _place(self) -> Place:
        if self._radiograph is None:
            return Path(), -1
        return self._radiograph.header.path, self._radiograph.frame

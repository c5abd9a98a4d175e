"""A blind reading under way: prepared in the background, answered, paused, kept, resumed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.evaluation.reading import record
from viewer.evaluation.reading.plan import Plan, Trial, make_plan
from viewer.evaluation.reading.record import Reading
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.jobs import Job, JobQueue
from viewer.session.reading_pictures import ReadImage, prepare
from viewer.session.reading_settings import ReadingSettings, readings_folder
from viewer.session.viewing import Viewing

IDLE, PREPARING, READY, ASKING, PAUSED, DONE = range(6)
"""Nothing planned; codings being made; waiting for the reader; a trial on the screen; its pictures
hidden; all answered."""
_SUFFIX = ".json"


class BlindReading(QObject):
    """Knows what is shown and keeps every answer on disk; whose image it is, it does not keep.

    Attributes
    ----------
    viewing : Viewing
        Window and zoom of the pictures read, apart from those of the main window.
    """

    changed = Signal()
    """`state` or the trial."""
    failed = Signal(str)
    progressed = Signal(float, str)
    finished = Signal()

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = IDLE
        self.reading: Reading | None = None
        self.viewing = Viewing(self)
        self.path: Path | None = None
        self._queue = queue
        self._job: Job | None = None
        self._images: tuple[ReadImage, ...] = ()
        self._since: float | None = None
        self._spent = 0.0

    @property
    def busy(self) -> bool:
        """Whether codings are being made."""
        return self._job is not None

    @property
    def plan(self) -> Plan | None:
        """The plan of the reading."""
        return None if self.reading is None else self.reading.plan

    @property
    def trial(self) -> Trial | None:
        """The trial that is asked, or comes next."""
        if self.reading is None or self.reading.next is None:
            return None
        return self.reading.plan.trials[self.reading.next]

    @property
    def pictures(self) -> tuple[Radiograph, Radiograph] | None:
        """A and B of the trial on the screen; None while none is."""
        trial = self.trial
        if self.state != ASKING or trial is None:
            return None
        there = self._images[trial.image].pictures
        return there[trial.first], there[trial.second]

    def unfinished(self) -> tuple[Path, ...]:
        """Return the readings on disk that have trials left, the latest first."""
        found = []
        for path in sorted(readings_folder().glob(f"*{_SUFFIX}"), reverse=True):
            try:
                if record.read(path).next is not None:
                    found.append(path)
            except RadviewError:
                continue
        return tuple(found)

    def prepare(
        self,
        settings: ReadingSettings,
        shown: Radiograph | None,
        headers: tuple[Header, ...],
        device: str,
        voi: Voi | None = None,
    ) -> None:
        """Code the images shown and open, then draw a plan.

        Parameters
        ----------
        voi : Window or LookupTable, optional
            With which the image shown is read; the others begin with their own.
        """
        self.leave()
        arguments = (shown, headers, settings.candidates, device)
        self._submit(arguments, lambda images: self._plan(settings, images), shown, voi)

    def resume(
        self,
        path: Path,
        shown: Radiograph | None,
        headers: tuple[Header, ...],
        device: str,
        voi: Voi | None = None,
    ) -> None:
        """Go on with a reading kept on disk; its images must be open."""
        self.leave()
        try:
            reading = record.read(path)
        except RadviewError as error:
            self.failed.emit(str(error))
            return
        if reading.next is None:
            self._begin(reading, path, DONE)
            return
        plan = reading.plan
        wanted = (shown, headers, plan.candidates, device, plan.images)
        self._submit(wanted, lambda images: self._resumed(reading, path, images), shown, voi)

    def start(self) -> None:
        """Show the next trial: the first, or the one that was paused."""
        if self.state in (READY, PAUSED):
            self._to(ASKING)

    def on_screen(self) -> None:
        """Take note that the pictures of the trial can be seen: its time begins to count."""
        if self.state == ASKING and self._since is None:
            self._since = time.monotonic()

    def answer(self, value: int) -> None:
        """Answer the trial on the screen, keep the answer, show the next.

        An answer before the pictures are there, or one that cannot be given, changes nothing.
        """
        if self.reading is None or self.state != ASKING or self._since is None:
            return
        if value not in self.reading.plan.values:
            return
        seconds = self._stop_clock()
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.reading = self.reading.answered(value, seconds, now)
        self._spent = 0.0
        self._keep()
        self._to(DONE if self.reading.next is None else ASKING)

    def undo(self) -> None:
        """Take the last answer back and ask that trial again."""
        if self.reading is None or not self.reading.answers or self.state not in (ASKING, PAUSED):
            return
        self.reading = self.reading.undone()
        self._stop_clock()
        self._spent = 0.0
        self._keep()
        self._to(ASKING)

    def pause(self) -> None:
        """Hide the pictures and stop the time."""
        if self.state == ASKING:
            self._spent = self._stop_clock()
            self._to(PAUSED)

    def leave(self) -> None:
        """Let go of the reading; it can be resumed from disk."""
        self.cancel()
        self.reading, self.path, self._images = None, None, ()
        self._since, self._spent = None, 0.0
        self.viewing.show(None, None, (0.0, 1.0))
        if self.state != IDLE:
            self._to(IDLE)

    def cancel(self) -> None:
        """Give up making codings."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._to(IDLE)
            self.finished.emit()

    def _submit(
        self,
        arguments: tuple[object, ...],
        then: Callable[[tuple[ReadImage, ...]], None],
        shown: Radiograph | None,
        voi: Voi | None,
    ) -> None:
        self._job = self._queue.submit(
            prepare, *arguments, lane="reading", title="Preparing the reading"
        )
        self._job.progressed.connect(self.progressed)

        def on_prepared(images: tuple[ReadImage, ...]) -> None:
            self._job = None
            self._images = images
            if shown is not None and voi is not None:
                self._remember(shown, voi)
            then(images)
            self.finished.emit()

        self._job.succeeded.connect(on_prepared)
        self._job.failed.connect(self._on_failed)
        self._to(PREPARING)

    def _remember(self, shown: Radiograph, voi: Voi) -> None:
        """Have the image shown read with the window it is looked at with."""
        limits = next(
            (each.limits for each in self._images if each.pictures[0] is shown), (0.0, 1.0)
        )
        self.viewing.show(shown, voi, limits)
        self.viewing.voi = None
        self.viewing.set_voi(voi)

    def _plan(self, settings: ReadingSettings, images: tuple[ReadImage, ...]) -> None:
        try:
            plan = make_plan(
                [image.sha256 for image in images],
                settings.candidates,
                task=settings.task,
                view=settings.view,
                repeats=settings.repeats,
                practice=settings.practice,
                seed=secrets.randbelow(1 << 31),
            )
        except RadviewError as error:
            self._on_failed(error)
            return
        coded = tuple(image.coded for image in images)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        path = readings_folder() / f"reading-{stamp}-{plan.seed}{_SUFFIX}"
        self._begin(Reading(plan, (), settings.reader, coded), path, READY)
        self._keep()

    def _resumed(self, reading: Reading, path: Path, images: tuple[ReadImage, ...]) -> None:
        if not reading.coded:
            reading = replace(reading, coded=tuple(image.coded for image in images))
        self._begin(reading, path, READY)

    def _begin(self, reading: Reading, path: Path, state: int) -> None:
        self.reading, self.path = reading, path
        self._spent, self._since = 0.0, None
        self._to(state)

    def _stop_clock(self) -> float:
        since, self._since = self._since, None
        return self._spent + (0.0 if since is None else time.monotonic() - since)

    def _keep(self) -> None:
        if self.reading is None or self.path is None:
            return
        try:
            record.write(self.path, self.reading)
        except RadviewError as error:
            self.failed.emit(str(error))

    def _to(self, state: int) -> None:
        self.state = state
        trial = self.trial
        if state == ASKING and trial is not None:
            from viewer.images import display

            self._since = None
            image = self._images[trial.image]
            original = image.pictures[0]
            windowed = bool(display.presets(original.header))
            first = display.default_voi(original) if windowed else None
            self.viewing.show(original, first, image.limits)
            self.viewing.set_view(centre=None, scale=None)
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self._to(IDLE)
        self.failed.emit(str(error))
        self.finished.emit()

"""Leads through a lesson: one step at a time, each does what it asks for and waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.session.lessons.commands import Command
from viewer.session.lessons.files import Lesson, Step
from viewer.ui import formatting
from viewer.ui.lessons.before import Before
from viewer.ui.lessons.doing import Doer, Done
from viewer.ui.lessons.vocabulary import vocabulary

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.ui.main_window import MainWindow

_LOOK_MS = 60
Row = dict[str, str]
"""Figures by their names in `viewer.session.lessons.files.FIGURES`."""


class LessonRunner(QObject):
    """Knows the lesson, the step, and how the window was before.

    Attributes
    ----------
    rows : dict of int to Row
        The table of the lesson: by step, the figures that came of it.
    """

    changed = Signal()
    """Lesson, step, or what is being waited for."""
    noted = Signal()
    """The table has another line."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.lesson: Lesson | None = None
        self.place = 0
        self.waiting = False
        self.failure = ""
        self.was_put_back = False
        """Whether the window went back when the last lesson was left."""
        self.rows: dict[int, Row] = {}
        self._before: Before | None = None
        self._doer: Doer | None = None
        self._left: list[Command] = []
        self._done: Done | None = None
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._go_on)
        session = window.session
        session.coding_failed.connect(self._on_failed)
        session.image_failed.connect(lambda _, text: self._on_failed(session.without_names(text)))
        session.deforming.failed.connect(self._on_failed)
        session.coding_cancelled.connect(lambda: self._on_failed(self.tr("Stopped.")))

    @property
    def step(self) -> Step | None:
        """The step shown."""
        return None if self.lesson is None else self.lesson.steps[self.place]

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.lesson is not None and self.place == len(self.lesson.steps) - 1

    def start(self, lesson: Lesson) -> None:
        """Begin a lesson; one that runs is left first, and all goes back to before that."""
        self.leave()
        switches = tuple(key for key in vocabulary().switches if key != "lessons")
        self._before = Before(self._window, switches)
        self._doer = Doer(self._window, self._before)
        self.lesson = lesson
        self.rows = {}
        self.go(0)

    def go(self, place: int) -> None:
        """Go to a step, from 0, and do what it asks for."""
        if self.lesson is None or not 0 <= place < len(self.lesson.steps):
            return
        self.place, self.failure = place, ""
        self._left = list(self.lesson.steps[place].commands)
        self._done, self.waiting = None, True
        self.changed.emit()
        self._go_on()

    def leave(self, *, put_back: bool = True) -> None:
        """End the lesson; put the window back as it was, or keep it as it is."""
        if self.lesson is None:
            return
        self._stop()
        self.lesson = None
        before, self._before, self._doer = self._before, None, None
        self.was_put_back = put_back
        if before is not None and put_back:
            before.put_back()
        self.changed.emit()

    def close(self) -> None:
        """Stop waiting: the window closes."""
        self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._left, self._done, self.waiting = [], None, False

    def _go_on(self) -> None:
        if self._done is not None and not self._done():
            return
        self._done = None
        while self._left and self._doer is not None:
            self._done = self._doer.do(self._left.pop(0))
            if not self._done():
                if not self._timer.isActive():
                    self._timer.start()
                return
        self._finish()

    def _finish(self) -> None:
        self._timer.stop()
        if self.waiting:
            self.waiting = False
            self._note()
            self.changed.emit()

    def _on_failed(self, sentence: str) -> None:
        if self.waiting:
            self._stop()
            self.failure = sentence
            self.changed.emit()

    def _note(self) -> None:
        step, comparison = self.step, self._window.session.comparison
        if step is not None and step.figures and comparison is not None:
            self.rows[self.place] = {name: figure(comparison, name) for name in step.figures}
            self.noted.emit()


def figure(comparison: Comparison, name: str) -> str:
    """Return one figure of a coding, as the window writes it."""
    figures = comparison.figures
    texts = {
        "ratio": formatting.ratio(comparison.ratio_stored),
        "bpp": formatting.bits_per_pixel(comparison.bpp),
        "psnr": formatting.decibels(figures.psnr_db),
        "ssim": formatting.similarity(figures.ssim),
        "ms_ssim": formatting.similarity(figures.ms_ssim),
        "max_error": f"{figures.max_error}",
        "size": formatting.size(comparison.byte_count),
    }
    return texts[name]

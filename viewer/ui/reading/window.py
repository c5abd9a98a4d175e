"""The window of blind reading: settings, preparation, trials, pause, results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.errors import RadviewError
from viewer.evaluation.reading.table import answers_csv, summary_csv
from viewer.files import write_text
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.session.blind_reading import ASKING, DONE, IDLE, PAUSED, PREPARING, READY
from viewer.session.session import Session
from viewer.ui.reading.result_page import ResultPage
from viewer.ui.reading.setup_page import SetupPage
from viewer.ui.reading.trial_page import TrialPage
from viewer.ui.settings import WindowSettings
from viewer.ui.theme import GRID, set_role


class WaitPage(QWidget):
    """A sentence in the middle, a bar while something is made, a button or two."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel(self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.go, self.stop = QPushButton(self), QPushButton(self)
        self.go.setProperty("primary", True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.go)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8 * GRID, GRID, 8 * GRID, GRID)
        layout.setSpacing(2 * GRID)
        layout.addStretch(1)
        layout.addWidget(self.text)
        layout.addWidget(self.bar)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def say(self, text: str, go: str, stop: str, *, working: bool = False) -> None:
        """Show a sentence and what can be done; "" hides a button."""
        self.text.setText(text)
        self.bar.setVisible(working)
        for button, label in ((self.go, go), (self.stop, stop)):
            button.setText(label)
            button.setAccessibleName(label.replace("&", ""))
            button.setVisible(bool(label))


class ReadingWindow(QDialog):
    """Leads a reader through a `BlindReading`; nothing on it says whose pictures these are."""

    def __init__(
        self, session: Session, settings: WindowSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._blind = session.blind
        self.setWindowTitle(self.tr("Blind reading"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(1180, 760)
        self.plan_page, self.wait = SetupPage(self), WaitPage(self)
        self.trials, self.results = TrialPage(self._blind, self), ResultPage(self)
        self.pages = QStackedWidget(self)
        for page in (self.plan_page, self.wait, self.trials, self.results):
            self.pages.addWidget(page)
        self.failure = QLabel(self)
        self.failure.setWordWrap(True)
        self.failure.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        set_role(self.failure, "failure")
        self.failure.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.failure)
        layout.addWidget(self.pages, 1)
        for button in self.findChildren(QPushButton):
            # Enter must not press what has not the focus.
            button.setAutoDefault(False)
        self._connect()
        self._show_state()

    def open_new(self) -> None:
        """Ask what is to be read, unless a reading is under way."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.plan_page.offer(self._session.coding, 1 + len(self._others()))
        self.plan_page.resume.setEnabled(bool(self._blind.unfinished()))
        radiograph = self._session.radiograph
        lossy = radiograph is not None and radiograph.header.lossy.lossy
        told = self.tr("The image shown was lossy when it was opened: it stands as the original.")
        self.plan_page.say(told if lossy else "")

    def resume(self) -> None:
        """Go on with the latest reading on disk that was left."""
        self.open_new()
        if self._blind.state != IDLE:
            return
        there = self._blind.unfinished()
        if not there:
            self._fail(self.tr("No reading was left before its end."))
            return
        self._blind.resume(there[0], *self._pictures(everything=True))

    def prepare(self) -> None:
        """Make the codings of what the first page asks for."""
        page = self.plan_page
        self.failure.hide()
        if self._session.partial:
            self._fail(self.tr("The picture is still being decoded; wait for the whole of it."))
            return
        pictures = self._pictures(everything=page.all_images.isChecked())
        self._blind.prepare(page.settings, *pictures)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave: what was answered is on disk and can be resumed."""
        self._blind.leave()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc pauses a trial; only then it closes the window."""
        if self._blind.state == ASKING:
            self._blind.pause()
        elif self._blind.state == PREPARING:
            self._blind.cancel()
        else:
            self.close()

    def _connect(self) -> None:
        blind = self._blind
        self.plan_page.start_asked.connect(self.prepare)
        self.plan_page.resume_asked.connect(self.resume)
        self.wait.go.clicked.connect(blind.start)
        self.wait.stop.clicked.connect(blind.leave)
        self.results.again_asked.connect(blind.leave)
        self.results.answers_asked.connect(lambda: self._save("answers"))
        self.results.summary_asked.connect(lambda: self._save("summary"))
        blind.changed.connect(self._show_state)
        blind.failed.connect(self._fail)
        blind.progressed.connect(self._on_progress)
        for number in range(1, 6):
            self._key(str(number), partial(self.trials.answer, number))
        self._key("Left", lambda: self._by_arrow(1))
        self._key("Right", lambda: self._by_arrow(2))
        self._key("Space", self._on_space)
        self._key("P", blind.pause)
        self._key("Backspace", blind.undo)
        self._key("F", lambda: blind.viewing.set_view(centre=None, scale=None))

    def _key(self, keys: str, slot: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self.trials)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(slot)

    def _by_arrow(self, number: int) -> None:
        plan = self._blind.plan
        if plan is not None and plan.task == "choice":
            self.trials.answer(number)

    def _on_space(self) -> None:
        self.trials.panes.flip()

    def _others(self) -> tuple[Header, ...]:
        """What is open beside the image shown; images inside archives are read from there alone."""
        session = self._session
        here = None if session.header is None else session.header.path
        return tuple(h for h in session.library.headers if h.path != here and h.path.is_file())

    def _pictures(
        self, *, everything: bool
    ) -> tuple[Radiograph | None, tuple[Header, ...], str, Voi | None]:
        """The image shown, as it was read, the others where they are wanted, device, window."""
        session = self._session
        shown = session.spoiling.original or session.radiograph
        others = self._others() if everything else ()
        return shown, others, session.coding.device, session.voi

    def _show_state(self) -> None:
        blind, state = self._blind, self._blind.state
        if state not in (IDLE, PREPARING):
            self.failure.hide()
        if state == IDLE:
            self.plan_page.resume.setEnabled(bool(blind.unfinished()))
            self.pages.setCurrentWidget(self.plan_page)
        elif state == PREPARING:
            self.wait.say(self.tr("Making the codings …"), "", self.tr("&Stop"), working=True)
            self.pages.setCurrentWidget(self.wait)
        elif state in (READY, PAUSED):
            self._show_waiting()
        elif state == ASKING:
            self.pages.setCurrentWidget(self.trials)
            self.trials.panes.panes[0].setFocus()
        elif state == DONE and blind.reading is not None:
            self.results.show_reading(blind.reading)
            self.pages.setCurrentWidget(self.results)

    def _show_waiting(self) -> None:
        blind = self._blind
        reading = blind.reading
        assert reading is not None
        answered, total = len(reading.answers), len(reading.plan.trials)
        practice = sum(trial.practice for trial in reading.plan.trials)
        if blind.state == PAUSED:
            text = self.tr("Paused after {} of {}. The time stands still.")
            text = text.format(answered, total)
        elif answered:
            text = self.tr("{} of {} are answered; the reading goes on where it was left.")
            text = text.format(answered, total)
        else:
            text = self.tr("Trials for practice: {}. Trials that count: {}. Take your time.")
            text = text.format(practice, total - practice)
        go = self.tr("&Go on") if answered or blind.state == PAUSED else self.tr("&Begin")
        self.wait.say(text, go, self.tr("&Leave for now"))
        self.pages.setCurrentWidget(self.wait)
        self.wait.go.setFocus()

    def _on_progress(self, fraction: float, text: str) -> None:
        self.wait.bar.setValue(round(1000 * fraction))
        if self._blind.state == PREPARING:
            self.wait.text.setText(self.tr("Making the codings: {} …").format(text))

    def _fail(self, sentence: str) -> None:
        self.failure.setText(sentence)
        self.failure.show()

    def _save(self, what: str) -> None:
        reading = self._blind.reading
        if reading is None:
            return
        stamp = datetime.now(UTC).strftime("%Y-%m-%d")
        start = Path(self._settings.folder or Path.home()) / f"reading-{what}-{stamp}.csv"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the table"), str(start), self.tr("Table (*.csv)")
        )
        if not chosen:
            return
        text = answers_csv(reading) if what == "answers" else summary_csv(reading)
        try:
            write_text(Path(chosen), text)
        except RadviewError as error:
            self._fail(str(error))

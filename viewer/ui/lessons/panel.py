"""The dock of lessons: the list of them, or the step one is at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.session.lessons.commands import LessonError
from viewer.session.lessons.files import Lesson
from viewer.ui.key_hints import keep, keep_tip
from viewer.ui.lessons.figures import LessonFigures
from viewer.ui.lessons.reading import StepText
from viewer.ui.lessons.runner import LessonRunner
from viewer.ui.theme import GRID, set_role


class LessonList(QWidget):
    """The lessons there are, and those that cannot be used with the reason."""

    def __init__(self, own: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told = _label(self, "")
        self.say("")
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Lessons"))
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.start = QPushButton(self.tr("&Start"), self)
        self.start.setProperty("primary", True)
        self.start.setToolTip(self.tr("Begin the chosen lesson (Return)"))
        self.refused = _label(self, "", role="failure")
        self.own = _label(
            self, self.tr("Lessons of your own: .toml files in {}").format(own), role="quiet"
        )
        self.own.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        for widget in (self.told, self.list, self.start, self.refused, self.own):
            layout.addWidget(widget, 1 if widget is self.list else 0)
        self._lessons: list[Lesson] = []

    def show_lessons(self, lessons: list[Lesson], refused: list[LessonError]) -> None:
        """Show what was found."""
        self._lessons = lessons
        self.list.clear()
        for lesson in lessons:
            count = self.tr("{} steps").format(len(lesson.steps))
            text = "\n".join(part for part in (lesson.title, lesson.about, count) if part)
            item = QListWidgetItem(text, self.list)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        if lessons:
            self.list.setCurrentRow(0)
        self.start.setEnabled(bool(lessons))
        self.refused.setText("\n".join(str(error) for error in refused))
        self.refused.setVisible(bool(refused))

    def say(self, text: str) -> None:
        """Say what became of the last lesson, or what lessons are."""
        self.told.setText(text or self.tr("A lesson works the window for you, step by step."))

    @property
    def chosen(self) -> Lesson | None:
        """The lesson chosen in the list."""
        row = self.list.currentRow()
        return self._lessons[row] if 0 <= row < len(self._lessons) else None


class LessonPage(QWidget):
    """One step: what it says, the figures so far, and the ways on and out."""

    def __init__(self, runner: LessonRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.place = _label(self, "", role="quiet")
        self.title = _label(self, "")
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() + 2)
        font.setBold(True)
        self.title.setFont(font)
        self.text = StepText(self)
        self.figures = LessonFigures(self)
        self.state = _label(self, "", role="quiet")
        self.back = self._button(self.tr("&Back"), self.tr("Go back ({lesson_back})"))
        self.next = self._button(self.tr("&Next"), self.tr("Go on ({lesson_next})"))
        self.next.setProperty("primary", True)
        self.leave = self._button(
            self.tr("&Leave"), self.tr("Leave and put everything back as it was ({lesson_leave})")
        )
        self.stay = self._button(
            self.tr("&Keep"), self.tr("Leave and keep the window as it is ({lesson_stay})")
        )
        buttons = QGridLayout()
        buttons.setSpacing(GRID // 2)
        for number, button in enumerate((self.back, self.next, self.leave, self.stay)):
            buttons.addWidget(button, number // 2, number % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID + 4, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        for widget in (self.place, self.title, self.text, self.figures, self.state):
            layout.addWidget(widget, 1 if widget is self.text else 0)
        layout.addLayout(buttons)
        runner.changed.connect(self.show_step)
        runner.noted.connect(self.show_step)

    def show_step(self) -> None:
        """Show the step the runner is at."""
        runner, lesson, step = self._runner, self._runner.lesson, self._runner.step
        if lesson is None or step is None:
            return
        count = self.tr("Step {} of {}").format(runner.place + 1, len(lesson.steps))
        self.place.setText(f"{lesson.title}\n{count}")
        self.title.setText(step.title)
        self.text.show_text(step.text)
        self.figures.show_rows(lesson, runner.rows, runner.place)
        set_role(self.state, "failure" if runner.failure else "quiet")
        working = self.tr("Working …") if runner.waiting else ""
        self.state.setText(runner.failure or working)
        self.state.setVisible(bool(self.state.text()))
        self.back.setEnabled(runner.place > 0)
        self.next.setText(self.tr("E&nd") if runner.is_last else self.tr("&Next"))

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        keep_tip(button, tip)
        # A click must not take the keyboard: Space flips to the original.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button


class LessonsPanel(QStackedWidget):
    """The list while no lesson runs, else its step."""

    def __init__(self, runner: LessonRunner, own: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.list = LessonList(own, self)
        self.page = LessonPage(runner, self)
        self.addWidget(self.list)
        self.addWidget(self.page)
        self.setAutoFillBackground(True)
        runner.changed.connect(self._show)
        self.list.start.clicked.connect(self._start)
        self.list.list.itemActivated.connect(lambda _: self._start())
        keep(self, self.page.show_step)

    def sizeHint(self) -> QSize:
        """Room for a paragraph."""
        return QSize(280, 420)

    def _start(self) -> None:
        if self.list.chosen is not None:
            self._runner.start(self.list.chosen)

    def _show(self) -> None:
        running = self._runner.lesson is not None
        if running and self.currentWidget() is not self.page:
            self.setCurrentWidget(self.page)
        elif not running and self.currentWidget() is not self.list:
            self.setCurrentWidget(self.list)
            self.list.say(
                self.tr("The lesson was left; the window is as it was before.")
                if self._runner.was_put_back
                else self.tr("The lesson was left; the window stays as it is.")
            )


def _label(parent: QWidget, text: str, role: str = "") -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        set_role(label, role)
    return label

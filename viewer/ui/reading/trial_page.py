"""One trial after the other: two pictures, one question, answers by key or click."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.session.blind_reading import ASKING, BlindReading
from viewer.ui.reading.linked_panes import LinkedPanes
from viewer.ui.theme import GRID, set_role, tabular


class TrialPage(QWidget):
    """Shows what a `BlindReading` asks and hands it the answers.

    Attributes
    ----------
    buttons : list of QPushButton
        One an answer, in their order.
    """

    def __init__(self, blind: BlindReading, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blind = blind
        self.where, self.question, self.suspended = QLabel(self), QLabel(self), QLabel(self)
        self.where.setFont(tabular(self.where.font()))
        font = self.question.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.question.setFont(font)
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.suspended.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.suspended.setText(self.tr("Blind reading: lossy marks are suspended"))
        set_role(self.suspended, "lossy")
        set_role(self.where, "quiet")
        self.panes = LinkedPanes(blind.viewing, self)
        self.panes.on_screen.connect(blind.on_screen)
        self.buttons: list[QPushButton] = []
        self.hint = QLabel(self)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self.hint, "quiet")
        self.pause = QPushButton(self.tr("&Pause"), self)
        self.back = QPushButton(self.tr("Take &back"), self)
        self.pause.setToolTip(self.tr("Hide the pictures and stop the time (P)"))
        self.back.setToolTip(self.tr("Ask the last trial again (Backspace)"))
        for button in (self.pause, self.back):
            button.setAccessibleName(button.text().replace("&", ""))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pause.clicked.connect(blind.pause)
        self.back.clicked.connect(blind.undo)
        self._answers = QHBoxLayout()
        self._lay_out()
        self._shown: object = None
        blind.changed.connect(self._on_changed)

    def answer(self, number: int) -> None:
        """Give an answer, from 1, as if its button had been clicked."""
        if 1 <= number <= len(self.buttons):
            self._blind.answer(number)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.where, 1)
        top.addWidget(self.question, 2)
        top.addWidget(self.suspended, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.back)
        bottom.addStretch(1)
        bottom.addLayout(self._answers)
        bottom.addStretch(1)
        bottom.addWidget(self.pause)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addLayout(top)
        layout.addWidget(self.panes, 1)
        layout.addLayout(bottom)
        layout.addWidget(self.hint)

    def _on_changed(self) -> None:
        blind = self._blind
        reading, trial = blind.reading, blind.trial
        if blind.state != ASKING or reading is None or trial is None or reading.next is None:
            self._shown = None
            self.panes.show_pair(None, flicker=False)
            return
        plan = reading.plan
        shown = (reading, reading.next)
        if shown == self._shown:
            return
        self._shown = shown
        if len(self.buttons) != len(plan.values):
            self._make_buttons(plan.task)
        number = reading.next + 1
        practice = sum(each.practice for each in plan.trials)
        if trial.practice:
            where = self.tr("Practice {} of {}").format(number, practice)
        else:
            where = self.tr("Trial {} of {}").format(number - practice, len(plan.trials) - practice)
        self.where.setText(where)
        self.back.setEnabled(bool(reading.answers))
        flicker = plan.view == "flicker"
        flip = self.tr("Space shows the other one.  ") if flicker else ""
        self.hint.setText(flip + self._keys(plan.task))
        self.panes.show_pair(blind.pictures, flicker=flicker)

    def _keys(self, task: str) -> str:
        if task == "choice":
            return self.tr(
                "1 or ← is A, 2 or → is B.  Wheel zooms, right drag is the window, P pauses."
            )
        return self.tr("1 to 5 answer.  Wheel zooms, right drag is the window, P pauses.")

    def _make_buttons(self, task: str) -> None:
        while self.buttons:
            button = self.buttons.pop()
            self._answers.removeWidget(button)
            button.deleteLater()
        if task == "choice":
            self.question.setText(self.tr("Which is the original?"))
            texts = [self.tr("1   A"), self.tr("2   B")]
        else:
            self.question.setText(self.tr("How alike are A and B?"))
            texts = [
                self.tr("1   Very annoying"),
                self.tr("2   Annoying"),
                self.tr("3   Slightly annoying"),
                self.tr("4   Perceptible, not annoying"),
                self.tr("5   No difference seen"),
            ]
        for number, text in enumerate(texts, start=1):
            button = QPushButton(text, self)
            button.setAccessibleName(text)
            button.setToolTip(self.tr("Answer {}").format(number))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAutoDefault(False)
            button.clicked.connect(partial(self.answer, number))
            self._answers.addWidget(button)
            self.buttons.append(button)

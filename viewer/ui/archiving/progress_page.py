"""A run under way: how far, how fast, held, stopped."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from viewer.session.archiving import State
from viewer.ui.theme import GRID, set_role, tabular

_TITLES = {
    State.WORKING: "Archiving",
    State.PAUSED: "Paused",
    State.STOPPING: "Stopping …",
}


class ProgressPage(QWidget):
    """A bar, its figures, and two buttons."""

    pause_asked = Signal()
    resume_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = State.IDLE
        self.title = QLabel(self)
        self.title.setFont(tabular(self.title.font(), points=5, bold=True))
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(12)
        self.bar.setAccessibleName(self.tr("Progress of the archiving"))
        self.line = QLabel(self)
        self.line.setFont(tabular(self.line.font(), points=1))
        self.line.setWordWrap(True)
        self.line.setAccessibleName(self.tr("Studies done, speed, bytes saved, time left"))
        self.note = QLabel(
            self.tr(
                "The viewer stays usable, and this window may be closed meanwhile. Finished "
                "studies stand whatever happens; the same again goes on from there."
            ),
            self,
        )
        self.note.setWordWrap(True)
        set_role(self.note, "quiet")
        self.pause = QPushButton(self.tr("&Pause"), self)
        self.stop = QPushButton(self.tr("&Stop"), self)
        self.stop.setToolTip(self.tr("End the run; studies that are half done are begun again"))
        for button in (self.pause, self.stop):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for widget in (self.title, self.bar, self.line):
            layout.addWidget(widget)
        layout.addSpacing(2 * GRID)
        layout.addWidget(self.note)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self.stop_asked)

    def begin(self) -> None:
        """Show a run that has not said anything yet."""
        self.show_progress(0.0, self.tr("Looking for studies …"))

    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far the run is."""
        self.bar.setValue(round(1000 * fraction))
        self.line.setText(text)

    def show_state(self, state: State) -> None:
        """Offer what can be done now."""
        self._state = state
        self.title.setText(self.tr(_TITLES.get(state, "")))
        paused = state is State.PAUSED
        self.pause.setText(self.tr("&Go on") if paused else self.tr("&Pause"))
        self.pause.setToolTip(
            self.tr("Go on where it is held")
            if paused
            else self.tr("Hold all processes at their next step, without losing their work")
        )
        going = state in (State.WORKING, State.PAUSED)
        self.pause.setEnabled(going)
        self.stop.setEnabled(going)

    def _on_pause(self) -> None:
        if self._state is State.PAUSED:
            self.resume_asked.emit()
        else:
            self.pause_asked.emit()

"""The frames of a multi-frame image: a slider, single steps, and playing them as a film."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QToolButton, QWidget

from viewer.images.radiograph import Header
from viewer.session.session import Session
from viewer.ui.icons import icon
from viewer.ui.key_hints import keep_tip
from viewer.ui.theme import GRID, tabular

_FASTEST = 60
_USUAL = 12
"""Frames a second where nothing else was chosen."""


class FrameBar(QWidget):
    """Hidden unless the image shown has several frames."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.play_button = QToolButton(self)
        self.play_button.setAutoRaise(True)
        self.play_button.setCheckable(True)
        self.play_button.setText("▶")
        keep_tip(self.play_button, self.tr("Play the frames as a film ({play})"))
        self.play_button.setAccessibleName(self.tr("Play"))
        self.play_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Frame"))
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.label = QLabel(self)
        self.label.setFont(tabular(self.label.font()))
        self.rate = QSpinBox(self)
        self.rate.setRange(1, _FASTEST)
        self.rate.setValue(_USUAL)
        self.rate.setSuffix(self.tr(" frames/s"))
        self.rate.setAccessibleName(self.tr("Frames a second"))
        self.rate.setToolTip(self.tr("How fast the film plays, as far as frames can be decoded"))
        back = self._stepper("previous", self.tr("Previous frame ({previous_frame})"), -1)
        on = self._stepper("next", self.tr("Next frame ({next_frame})"), 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID)
        for widget in (self.play_button, back, on):
            layout.addWidget(widget)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.label)
        layout.addWidget(self.rate)
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.play_button.toggled.connect(self.play)
        self.slider.valueChanged.connect(self.go_to)
        self.rate.valueChanged.connect(lambda _: self._timer.setInterval(self._interval()))
        session.image_changing.connect(self._on_changing)
        self._path = None if session.header is None else session.header.path
        self._show()

    @property
    def playing(self) -> bool:
        """Whether the film runs."""
        return self._timer.isActive()

    @property
    def frames(self) -> int:
        """Of the image shown."""
        header = self._session.header
        return 1 if header is None else header.frames

    def step(self, by: int) -> None:
        """Show the frame so many further; the ends are joined."""
        if self.frames > 1:
            self.go_to((self._session.frame + by) % self.frames)

    def go_to(self, frame: int) -> None:
        """Show a frame of the image shown, from 0."""
        header = self._session.header
        if header is not None and 0 <= frame < header.frames and frame != self._session.frame:
            self._session.select(header, frame)

    def play(self, playing: bool) -> None:
        """Begin or end the film."""
        playing = playing and self.frames > 1
        if playing:
            self._timer.start(self._interval())
        else:
            self._timer.stop()
        with QSignalBlocker(self.play_button):
            self.play_button.setChecked(playing)
        self.play_button.setText("⏸" if playing else "▶")

    def _stepper(self, name: str, tip: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setAutoRaise(True)
        keep_tip(button, tip)
        button.setAccessibleName(tip.split(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.step(by))
        return button

    def _interval(self) -> int:
        return round(1000 / self.rate.value())

    def _tick(self) -> None:
        # A frame still being read is waited for: the film slows down and leaves none out.
        if self._session.radiograph is not None:
            self.step(1)

    def _on_changing(self, header: Header) -> None:
        if header.path != self._path:
            self._path = header.path
            self.play(False)
            if header.frames > 1 and header.frame_rate:
                self.rate.setValue(min(max(1, round(header.frame_rate)), _FASTEST))
        self._show()

    def _show(self) -> None:
        frames, frame = self.frames, self._session.frame
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, frames - 1))
            self.slider.setValue(frame)
        digits = len(str(frames))
        self.label.setText(f"{frame + 1:>{digits}} / {frames}")
        self.setVisible(frames > 1)

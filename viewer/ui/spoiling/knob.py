"""One way to spoil a picture: a slider from nothing to far too much."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from viewer.ui.theme import GRID, tabular

_STEPS = 100


@dataclass(frozen=True, slots=True)
class Way:
    """How a kind is offered.

    Parameters
    ----------
    kind : str
        Field of `viewer.evaluation.spoiling.Spoiling`.
    title, tip : str
    neutral, most : float
        Strengths that change nothing, and at the end of the slider.
    shown : str
        How a strength is written.
    factor : float
        What it is multiplied with for that.
    least : float or None
        At the other end, where strengths lie on both sides of the neutral one, evenly in their
        logarithm.
    """

    kind: str
    title: str
    tip: str
    neutral: float
    most: float
    shown: str
    factor: float = 1.0
    least: float | None = None

    def strength(self, step: int) -> float:
        """What a step of the slider stands for."""
        if self.least is not None:
            value = self.least * (self.most / self.least) ** (step / _STEPS)
            return self.neutral if step == self.step(self.neutral) else float(f"{value:.3g}")
        value = self.neutral + (self.most - self.neutral) * step / _STEPS
        return round(value) if self.kind == "blocks" else float(f"{value:.3g}")

    def step(self, strength: float) -> int:
        """Where a strength lies on the slider."""
        if self.least is not None:
            span = math.log(self.most / self.least)
            return round(_STEPS * math.log(strength / self.least) / span)
        return round(_STEPS * (strength - self.neutral) / (self.most - self.neutral))

    def text(self, strength: float) -> str:
        """A strength as it is shown."""
        return "–" if strength == self.neutral else self.shown.format(strength * self.factor)


class Knob(QWidget):
    """A slider with its value."""

    turned = Signal(str, float, bool)
    """Kind, strength, and whether the slider still moves."""

    def __init__(self, way: Way, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.way = way
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(10)
        self.slider.setToolTip(way.tip)
        self.slider.setAccessibleName(way.title)
        self.value = QLabel(self)
        self.value.setFont(tabular(self.value.font()))
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance("00.0 px/1000"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.value)
        self.show_strength(way.neutral)
        self.slider.valueChanged.connect(lambda step: self._tell(step, self.slider.isSliderDown()))
        self.slider.sliderReleased.connect(lambda: self._tell(self.slider.value(), False))

    def show_strength(self, strength: float) -> None:
        """Take over a strength without telling it."""
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(self.way.step(strength))
            self.slider.blockSignals(False)
        self._write(strength)

    def _tell(self, step: int, live: bool) -> None:
        strength = self.way.strength(step)
        self._write(strength)
        self.turned.emit(self.way.kind, strength, live)

    def _write(self, strength: float) -> None:
        text = self.way.text(strength)
        self.value.setText(text)
        self.slider.setAccessibleDescription(text)

"""Sliders with their name on one side and their value on the other."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from viewer.ui.theme import GRID, set_role, tabular

_STEPS = 200
_WIDTH = 132


class Adjuster(QWidget):
    """One value between two ends.

    Parameters
    ----------
    title : str
    tip : str
        What it does.
    ends : (float, float)
    text : callable
        Returns a value as shown; `widest` is the longest that it may be.
    logarithmic : bool
        Whether equal ways of the slider are equal factors.
    whole_steps : int
        How many steps there are; 0 for as many as the slider can show.
    """

    adjusted = Signal(float)

    def __init__(
        self,
        title: str,
        tip: str,
        ends: tuple[float, float],
        text: Callable[[float], str],
        widest: str,
        *,
        logarithmic: bool = False,
        whole_steps: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ends = ends
        self._text = text
        self._logarithmic = logarithmic
        self.title = QLabel(title, self)
        set_role(self.title, "quiet")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, whole_steps or _STEPS)
        self.slider.setPageStep(1 if whole_steps else _STEPS // 20)
        self.slider.setMinimumWidth(_WIDTH // 2)
        self.slider.setMaximumWidth(_WIDTH)
        self.slider.setAccessibleName(title)
        self.slider.setToolTip(tip)
        # A click must not take the keyboard: Space flips.
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.value_text = QLabel(self)
        self.value_text.setFont(tabular(self.value_text.font()))
        self.value_text.setAccessibleName(title)
        self.value_text.setMinimumWidth(self.value_text.fontMetrics().horizontalAdvance(widest))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for widget in (self.title, self.slider, self.value_text):
            layout.addWidget(widget)
        layout.setStretchFactor(self.slider, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._on_moved)

    def sizeHint(self) -> QSize:
        """Return the room that the whole slider takes; it gives way where there is less."""
        hint = super().sizeHint()
        return QSize(hint.width() - self.slider.sizeHint().width() + _WIDTH, hint.height())

    @property
    def value(self) -> float:
        """What the slider stands at."""
        share = self.slider.value() / self.slider.maximum()
        low, high = self._ends
        if self._logarithmic:
            return float(low * (high / low) ** share)
        return low + (high - low) * share

    def show_value(self, value: float) -> None:
        """Stand at a value without telling of it."""
        low, high = self._ends
        value = min(max(value, low), high)
        if self._logarithmic:
            share = math.log(value / low) / math.log(high / low)
        else:
            share = (value - low) / (high - low)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(share * self.slider.maximum()))
        self.value_text.setText(self._text(value))

    def _on_moved(self) -> None:
        self.value_text.setText(self._text(self.value))
        self.adjusted.emit(self.value)

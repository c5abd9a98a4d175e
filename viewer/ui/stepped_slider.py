"""A horizontal slider that shows its steps where there are only a few."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QStyle, QWidget

from viewer.ui.theme import window_theme

_MARK = 5
_MOST_MARKS = 16


class SteppedSlider(QSlider):
    """Draws a mark below each step: the style's own marks are black on a dark theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    @property
    def stepped(self) -> bool:
        """Whether there are so few positions that each has its mark."""
        return 0 < self.maximum() - self.minimum() < _MOST_MARKS

    def sizeHint(self) -> QSize:
        """Leave room for the marks."""
        return super().sizeHint() + QSize(0, 2 * _MARK)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slider, then the marks."""
        super().paintEvent(event)
        if not self.stepped:
            return
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
        bottom = self.height() - 1
        painter = QPainter(self)
        painter.setPen(QPen(QColor(window_theme().quiet), 1))
        for value in range(self.minimum(), self.maximum() + 1):
            x = handle // 2 + QStyle.sliderPositionFromValue(
                self.minimum(), self.maximum(), value, self.width() - handle
            )
            painter.drawLine(x, bottom - _MARK, x, bottom)
        painter.end()

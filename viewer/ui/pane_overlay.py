"""What is written and drawn over a picture: identity, orientation, window, zoom, cursor, scale."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from viewer.ui import haloed_text
from viewer.ui.colour_maps import Colours
from viewer.ui.theme import GRID, tabular, theme

_BAR = 96
_BEYOND = 7
"""Width of the colour that marks what lies beyond the scale."""
_CROSS_GAP = 5
_CROSS_ARM = 14


@dataclass
class PaneTexts:
    """The lines of the four corners and the letters of the four edges.

    Parameters
    ----------
    upper_left, lower_left, lower_right : list of str
    edges : tuple of str
        Orientation at the (left, right, top, bottom) edge.
    """

    upper_left: list[str] = field(default_factory=list)
    lower_left: list[str] = field(default_factory=list)
    lower_right: list[str] = field(default_factory=list)
    edges: tuple[str, str, str, str] = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class ColourScale:
    """The bar of a colour map: its colours and what its ends stand for.

    Parameters
    ----------
    colours : ndarray of uint8, shape (256, 3)
        Entry 255 marks what lies beyond `high`, entry 1 what lies below `low` if `under`.
    low, high : str
    unit : str
    under : bool
        Whether the scale goes to both sides; what it shows then lies in entries 2 to 254.
    """

    colours: Colours
    low: str
    high: str
    unit: str = ""
    under: bool = False


class PaneOverlay:
    """Draws over one pane, in the pane's own pixels."""

    def __init__(self) -> None:
        self.texts = PaneTexts()
        self.cross: QPointF | None = None
        self.scale: ColourScale | None = None
        self.kept_free = QRectF()
        """Where the lossy mark lies."""

    def paint(self, painter: QPainter, area: QRectF, font: QFont, ratio: float) -> None:
        """Draw everything on `area`."""
        small = tabular(font)
        line = haloed_text.height(small)
        self._corners(painter, area, small, line, ratio)
        self._edges(painter, area, small, line, ratio)
        if self.scale is not None:
            self._scale(painter, area, small, line, ratio)
        if self.cross is not None:
            self._cross(painter, self.cross)

    def _corners(
        self, painter: QPainter, area: QRectF, font: QFont, line: float, ratio: float
    ) -> None:
        colour = theme().text
        room = area.width() - 2 * GRID
        y = area.top() + GRID
        for text in self.texts.upper_left:
            shown = haloed_text.elided(text, font, room)
            haloed_text.draw(painter, area.left() + GRID, y, shown, font, colour, ratio)
            y += line
        y = area.bottom() - GRID - line * len(self.texts.lower_left)
        for text in self.texts.lower_left:
            haloed_text.draw(painter, area.left() + GRID, y, text, font, colour, ratio)
            y += line
        y = area.bottom() - GRID - line * len(self.texts.lower_right)
        if self.stacked(font, area.width()):
            y -= line * len(self.texts.lower_left)
        for text in self.texts.lower_right:
            x = area.right() - GRID - haloed_text.width(text, font)
            haloed_text.draw(painter, x, y, text, font, colour, ratio)
            y += line

    def stacked(self, font: QFont, width: float) -> bool:
        """Whether the lower texts lie above each other: a pane may be too narrow for both."""
        left, right = (
            max((haloed_text.width(text, font) for text in texts), default=0.0)
            for texts in (self.texts.lower_left, self.texts.lower_right)
        )
        return bool(left and right) and left + right + 4 * GRID > width

    def _edges(
        self, painter: QPainter, area: QRectF, small: QFont, line: float, ratio: float
    ) -> None:
        font = tabular(small, points=2, bold=True)
        left, right, top, bottom = self.texts.edges
        high = haloed_text.height(font)
        middle_x, middle_y = area.center().x(), area.center().y() - high / 2
        # The letters above and below give way to what is written in the corners beside them.
        upper = area.top() + GRID
        if self._reaches(self.texts.upper_left, small, area):
            upper += line * len(self.texts.upper_left)
        lower = area.bottom() - GRID - high
        if self._reaches([*self.texts.lower_left, *self.texts.lower_right], small, area):
            lower -= line * (2 if self.stacked(small, area.width()) else 1)
        if self.scale is not None:
            letter = haloed_text.width(bottom, font)
            legend = self._legend(self.scale, area, small, line)
            if legend.right() > middle_x - letter / 2 - GRID:
                lower = min(lower, legend.top() - high)
        placed = (
            (left, area.left() + GRID, middle_y),
            (right, area.right() - GRID - haloed_text.width(right, font), middle_y),
            (top, middle_x - haloed_text.width(top, font) / 2, upper),
            (bottom, middle_x - haloed_text.width(bottom, font) / 2, lower),
        )
        for text, x, y in placed:
            y = self._beside_mark(QRectF(x, y, haloed_text.width(text, font), high), area)
            haloed_text.draw(painter, x, y, text, font, theme().quiet, ratio)

    def _beside_mark(self, letter: QRectF, area: QRectF) -> float:
        """Return where a letter goes up or down to, so that the lossy mark does not hide it."""
        if not letter.intersects(self.kept_free):
            return letter.top()
        if letter.center().y() > area.center().y():
            return self.kept_free.top() - letter.height() - 2
        return self.kept_free.bottom() + 2

    def _reaches(self, texts: list[str], font: QFont, area: QRectF) -> bool:
        """Whether a corner's text comes near the middle of the pane."""
        widest = max((haloed_text.width(text, font) for text in texts), default=0)
        return widest + 3 * GRID > area.width() / 2

    def _bar_width(self, scale: ColourScale, font: QFont) -> float:
        """Return how wide the legend is: so that what its ends stand for lies beside it."""
        low, high = haloed_text.width(scale.low, font), haloed_text.width(scale.high, font)
        return max(_BAR, low + high + GRID)

    def _bar(self, scale: ColourScale, area: QRectF, font: QFont, line: float) -> QRectF:
        """Return where the colours of the legend lie, above what is written in the corner."""
        below = max(1, len(self.texts.lower_left))
        if self.stacked(font, area.width()):
            below += len(self.texts.lower_right)
        bottom = area.bottom() - GRID - line * below
        left = area.left() + GRID + 1 + (_BEYOND + 2 if scale.under else 0)
        return QRectF(left, bottom - 10, self._bar_width(scale, font), 6)

    def _legend(self, scale: ColourScale, area: QRectF, font: QFont, line: float) -> QRectF:
        """Return all that the legend takes: colours, what lies beyond them, their ends' texts."""
        bar = self._bar(scale, area, font, line)
        return bar.adjusted(-_BEYOND - 3, -line - 2, _BEYOND + 5, 1)

    def _scale(
        self, painter: QPainter, area: QRectF, font: QFont, line: float, ratio: float
    ) -> None:
        assert self.scale is not None
        scale = self.scale
        strip = scale.colours[None, 2 if scale.under else 0 : 255, :].copy()
        columns = strip.shape[1]
        image = QImage(strip.data, columns, 1, 3 * columns, QImage.Format.Format_RGB888)
        bar = self._bar(scale, area, font, line)
        painter.drawImage(bar, image)
        painter.setPen(QPen(QColor(theme().quiet), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        self._beyond(painter, bar.right() + 3, bar.top(), scale.colours[255])
        if scale.under:
            self._beyond(painter, bar.left() - 3 - _BEYOND, bar.top(), scale.colours[1])
        high = haloed_text.width(scale.high, font)
        y = bar.top() - line
        haloed_text.draw(painter, bar.left() - 2, y, scale.low, font, theme().text, ratio)
        haloed_text.draw(painter, bar.right() - high + 2, y, scale.high, font, theme().text, ratio)

    def _beyond(self, painter: QPainter, x: float, y: float, colour: NDArray[np.uint8]) -> None:
        """Draw the colour of what lies beyond an end of the scale, beside that end."""
        painter.fillRect(QRectF(x, y, _BEYOND, 7), QColor(*(int(each) for each in colour)))

    def _cross(self, painter: QPainter, at: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        arms = [
            (QPointF(at.x() + dx * _CROSS_GAP, at.y() + dy * _CROSS_GAP),
             QPointF(at.x() + dx * _CROSS_ARM, at.y() + dy * _CROSS_ARM))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]  # fmt: skip
        for colour, thick in ((QColor(0, 0, 0, 200), 3), (QColor(theme().accent), 1)):
            painter.setPen(QPen(colour, thick))
            for first, last in arms:
                painter.drawLine(first, last)

"""Text that stays readable on any picture: light letters with a dark rim."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

_RIM = 2.4


def draw(
    painter: QPainter, x: float, y: float, text: str, font: QFont, colour: str, ratio: float
) -> None:
    """Draw one line with its upper left corner at (x, y).

    Parameters
    ----------
    ratio : float
        Device pixels a logical pixel.
    """
    if text:
        painter.drawPixmap(QPointF(x, y), _picture(text, font.key(), colour, ratio, font.bold()))


def width(text: str, font: QFont) -> float:
    """Return how wide a line is drawn."""
    return math.ceil(QFontMetricsF(font).horizontalAdvance(text) + 2 * _RIM)


def height(font: QFont) -> float:
    """Return how high a line is drawn."""
    return math.ceil(QFontMetricsF(font).height() + 2)


def elided(text: str, font: QFont, room: float) -> str:
    """Return the text shortened to `room` pixels, with an ellipsis where it was cut."""
    room -= 2 * _RIM
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))


@lru_cache(maxsize=256)
def _picture(text: str, font_key: str, colour: str, ratio: float, bold: bool) -> QPixmap:
    font = QFont()
    font.fromString(font_key)
    font.setBold(bold)
    across, down = width(text, font), height(font)
    picture = QPixmap(math.ceil(across * ratio), math.ceil(down * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    outline = QPainterPath()
    outline.addText(QPointF(_RIM, 1 + QFontMetricsF(font).ascent()), font, text)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = QPen(QColor(0, 0, 0, 215), _RIM, Qt.PenStyle.SolidLine)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(outline, rim)
    painter.fillPath(outline, QColor(colour))
    painter.end()
    return picture

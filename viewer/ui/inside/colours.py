"""How a map of codes or bits is coloured, and the scale that says what the colours stand for."""

from __future__ import annotations

import colorsys
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from viewer.codecs.inspection import CodeMap
from viewer.ui import formatting
from viewer.ui.colour_maps import Colours, heat_map
from viewer.ui.pane_overlay import ColourScale
from viewer.ui.theme import window_theme

_NAMES = 256
_SHARE = 99.8
"""Percentile at the end of the colours: single places beyond do not make the rest dark."""


@cache
def amounts() -> Colours:
    """Return the colours of amounts; their last entry is an end, not a mark."""
    colours = heat_map().copy()
    colours[255] = colours[254]
    return colours


@cache
def names() -> Colours:
    """Return colours that tell numbers next to each other apart."""
    golden = 0.6180339887
    table = [
        colorsys.hsv_to_rgb(number * golden % 1.0, 0.55 + 0.35 * (number % 3) / 2, 0.95)
        for number in range(_NAMES)
    ]
    return np.rint(255 * np.array(table)).astype(np.uint8)


def ends(code_map: CodeMap) -> tuple[float, float]:
    """Return what the first and the last colour stand for."""
    plane = code_map.plane
    low = 0.0 if code_map.unit == "bpp" else float(plane.min())
    high = float(np.percentile(plane, _SHARE))
    return low, max(high, low + 1e-6)


def coloured(code_map: CodeMap) -> QImage:
    """Return a map as a picture, a pixel a cell; where few bits went the image shines through."""
    plane = code_map.plane
    rgba = np.empty((*plane.shape, 4), np.uint8)
    if code_map.counted:
        rgba[..., :3] = names()[plane.astype(np.int64) % _NAMES]
        rgba[..., 3] = 255
    else:
        low, high = ends(code_map)
        share: NDArray[np.float32] = np.clip((plane - low) / (high - low), 0.0, 1.0)
        rgba[..., :3] = amounts()[np.rint(share * 255).astype(np.uint8)]
        rgba[..., 3] = np.rint(255 * np.sqrt(share)) if code_map.unit == "bpp" else 255
    rows, columns = plane.shape
    kind = QImage.Format.Format_RGBA8888
    return QImage(rgba.tobytes(), columns, rows, 4 * columns, kind).copy()


def legend(code_map: CodeMap) -> ColourScale:
    """Return what a pane says of the colours of a map that lies over it."""
    low, high = ends(code_map)
    end = f"≥ {formatting.figure(high)} {code_map.unit}"
    return ColourScale(amounts(), formatting.figure(low), end)


def scale(code_map: CodeMap, ratio: float, width: int = 240) -> QPixmap:
    """Return the colours of a map with what their ends stand for."""
    height = 32
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    low, high = ends(code_map)
    strip = QImage(amounts().tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
    painter = QPainter(pixmap)
    painter.drawImage(QRectF(0, 22, width, 8), strip)
    painter.setPen(QColor(window_theme().quiet))
    align = Qt.AlignmentFlag
    room = QRectF(0, 0, width, 20)
    painter.drawText(room, align.AlignLeft | align.AlignVCenter, formatting.figure(low))
    middle = f"{formatting.figure((low + high) / 2)} {code_map.unit}"
    painter.drawText(room, align.AlignHCenter | align.AlignVCenter, middle)
    painter.drawText(room, align.AlignRight | align.AlignVCenter, f"≥ {formatting.figure(high)}")
    painter.end()
    return pixmap

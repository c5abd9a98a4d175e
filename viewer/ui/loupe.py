"""A loupe that follows the mouse: the same place larger, on every pane at once."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewer.ui import haloed_text
from viewer.ui.drawn_image import ScreenImage
from viewer.ui.geometry import LARGEST_SCALE, Geometry
from viewer.ui.pane import Pane
from viewer.ui.settings import WindowSettings
from viewer.ui.theme import tabular, theme

SIDES = (128, 192, 256, 384, 512)
"""Diameters in screen pixels."""
ZOOMS = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
"""How much larger than the pane shows it."""
_USUAL_SIDE, _USUAL_ZOOM = 256, 3.0
_MOST_OF_PANE = 0.7

Point = tuple[float, float]
N = TypeVar("N", int, float)


class Loupe(QObject):
    """Whether there is a loupe, where, how large and how strong.

    Attributes
    ----------
    on : bool
    at : (x, y) or None
        The point of the image, as it is shown, in the middle of the loupe.
    side : int
        One of `SIDES`.
    zoom : float
        One of `ZOOMS`.
    """

    changed = Signal()

    def __init__(self, settings: WindowSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.on = False
        self.at: Point | None = None
        self.side = _kept(settings, "loupe_side", SIDES, _USUAL_SIDE)
        self.zoom = _kept(settings, "loupe_zoom", ZOOMS, _USUAL_ZOOM)

    def switch(self, on: bool) -> None:
        """Show the loupe, or put it away."""
        self.on = on
        self.changed.emit()

    def move(self, at: Point | None) -> None:
        """Follow the mouse; None: it has left the image."""
        if at != self.at:
            self.at = at
            if self.on:
                self.changed.emit()

    def resize(self, steps: int) -> None:
        """Take a larger loupe, or a smaller one."""
        self.side = _stepped(SIDES, self.side, steps)
        self._settings.set("loupe_side", self.side)
        self.changed.emit()

    def magnify(self, steps: int) -> None:
        """Look closer, or less close."""
        self.zoom = _stepped(ZOOMS, self.zoom, steps)
        self._settings.set("loupe_zoom", self.zoom)
        self.changed.emit()

    def wheel(self, pane: Pane, position: QPointF, steps: float) -> bool:
        """Turn the wheel for the loupe while it is there: closer, or with Shift larger."""
        if not self.on:
            return False
        by = 1 if steps > 0 else -1
        if pane.wheel_modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.resize(by)
        else:
            self.magnify(by)
        return True


class LoupeLayer:
    """Draws the loupe over a pane."""

    def __init__(self, loupe: Loupe) -> None:
        self._loupe = loupe
        self._screen = ScreenImage()

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw what lies below the loupe's middle, through the pane's own picture."""
        loupe, outer = self._loupe, pane.geometry_of_image
        if not loupe.on or loupe.at is None or outer is None or pane.picture is None:
            return
        # In a narrow pane a large loupe would hide all that it is a part of.
        side = min(loupe.side, round(_MOST_OF_PANE * min(outer.width, outer.height)))
        inner = magnified(outer, loupe.at, side, loupe.zoom)
        drawn = pane.picture.draw(inner)
        if not drawn.values.size:
            return
        middle = QPointF(*outer.to_screen(*loupe.at))
        frame = QRectF(0, 0, side, side)
        frame.moveCenter(middle)
        left, top, right, bottom = (edge / inner.ratio for edge in inner.device_rectangle())
        target = QRectF(left, top, right - left, bottom - top).translated(frame.topLeft())
        painter.save()
        path = QPainterPath()
        path.addEllipse(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipPath(path)
        painter.fillRect(frame, QColor(theme().pane))
        painter.drawImage(target, self._screen.make(drawn))
        painter.setClipping(False)
        for colour, thick in ((QColor(0, 0, 0, 200), 4), (QColor(theme().accent), 2)):
            painter.setPen(QPen(colour, thick))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(frame)
        painter.restore()
        font = tabular(pane.font())
        text = f"×{loupe.zoom:g}   {inner.device_scale * 100:.0f} %"
        x = middle.x() - haloed_text.width(text, font) / 2
        y = frame.bottom() - haloed_text.height(font) - 6
        haloed_text.draw(painter, x, y, text, font, theme().text, pane.devicePixelRatioF())


def magnified(outer: Geometry, at: Point, side: int, zoom: float) -> Geometry:
    """Return where the image lies in a square whose middle shows the point `at`, larger."""
    scale = min(outer.scale_x * zoom, LARGEST_SCALE)
    return Geometry(outer.columns, outer.rows, outer.aspect, side, side, outer.ratio, at, scale)


def _stepped(steps: tuple[N, ...], value: N, by: int) -> N:
    index = steps.index(value) + by
    return steps[min(max(index, 0), len(steps) - 1)]


def _kept(settings: WindowSettings, key: str, steps: tuple[N, ...], otherwise: N) -> N:
    return {str(step): step for step in steps}.get(settings.text(key), otherwise)

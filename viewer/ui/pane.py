"""One pane: a picture at the shared zoom, what is written over it, and its mouse."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from viewer.ui.box_item import BoxItem
from viewer.ui.drawn_image import ScreenImage
from viewer.ui.geometry import Geometry
from viewer.ui.lossy_mark import LossyMark
from viewer.ui.mark_placing import place_mark
from viewer.ui.pane_mouse import PaneMouse
from viewer.ui.pane_overlay import PaneOverlay
from viewer.ui.pictures import Picture
from viewer.ui.theme import GRID, set_role, theme

_FRAME_S = 0.012
"""Shortest time between two drawings of a pane: what is asked for in between falls together."""


class Layer(Protocol):
    """Draws something over a pane, in the pane's own pixels."""

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw it."""


class Pane(PaneMouse):
    """Shows one `Picture`; tells what the mouse does, decides nothing about it."""

    resized = Signal()
    drawn = Signal()
    """What is on the screen is what was last asked for."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, theme().pane)
        self.setAccessibleName(name)
        self.setMinimumSize(160, 160)
        self.overlay = PaneOverlay()
        self.mark = LossyMark(self)
        self.layers: list[Layer] = []
        """Drawn between the picture and what is written over it."""
        self._picture: Picture | None = None
        self._centre: tuple[float, float] | None = None
        self._scale: float | None = None
        self._room: tuple[int, int] | None = None
        self._last_drawn = 0.0
        self._focus_shown = False
        self._cross: tuple[int, int] | None = None
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, border=None)
        self._box.setDefaultPadding(0)
        self.setCentralItem(self._box)
        # The picture is drawn below the scene as it is, pixel on pixel: nothing is scaled again.
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self._screen = ScreenImage()
        self._values: np.ndarray | None = None
        self._image: tuple[QPointF, QImage] | None = None
        self.rectangle = BoxItem()
        self._box.addItem(self.rectangle, ignoreBounds=True)
        self.rectangle.visibleChanged.connect(self.redraw)
        self._message = QLabel(self)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._draw)

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def geometry_of_image(self) -> Geometry | None:
        """Where the image lies now; None when nothing is shown."""
        if self._picture is None:
            return None
        header = self._picture.header
        size = self.viewport().size()
        return Geometry(
            header.columns,
            header.rows,
            header.aspect,
            max(size.width(), 1),
            max(size.height(), 1),
            self.devicePixelRatioF(),
            self._centre,
            self._scale,
            self._room,
        )

    @property
    def shown_values(self) -> np.ndarray | None:
        """The 8-bit values on the screen, one a device pixel; None when nothing is shown."""
        return None if self._picture is None else self._values

    def show_picture(self, picture: Picture | None) -> None:
        """Show another picture, or none."""
        self._picture = picture
        if picture is None:
            self._values = self._image = None
            self.overlay.scale = None
        else:
            header = picture.header
            self.rectangle.maxBounds = QRectF(0, 0, header.columns, header.rows)
        self.redraw()

    def show_view(self, centre: tuple[float, float] | None, scale: float | None) -> None:
        """Take over the shared centre and scale."""
        if (centre, scale) != (self._centre, self._scale):
            self._centre, self._scale = centre, scale
            self.redraw()

    def share_room(self, room: tuple[int, int]) -> None:
        """Fit images into the room that all linked panes have."""
        if room != self._room:
            self._room = room
            self.redraw()

    def show_message(self, text: str, role: str = "quiet") -> None:
        """Say in the middle of the pane what would fill it, or what went wrong."""
        set_role(self._message, role)
        self._message.setText(text)
        self._message.setVisible(bool(text))

    @property
    def message(self) -> str:
        """What is said in the middle."""
        return self._message.text() if not self._message.isHidden() else ""

    @property
    def pending(self) -> bool:
        """Whether something was asked for that is not drawn yet."""
        return self._timer.isActive()

    @property
    def cross(self) -> tuple[int, int] | None:
        """The pixel marked for the mouse in another pane."""
        return self._cross

    def redraw(self) -> None:
        """Draw soon: several calls in one frame are one drawing."""
        if not self._timer.isActive():
            wait = self._last_drawn + _FRAME_S - time.perf_counter()
            self._timer.start(max(0, round(wait * 1000)))

    def draw_now(self) -> None:
        """Draw what was asked for without waiting for the next frame."""
        if self._timer.isActive():
            self._timer.stop()
            self._draw()

    def show_cross(self, pixel: tuple[int, int] | None) -> None:
        """Mark the pixel that the mouse is on in another pane."""
        if pixel != self._cross:
            self._cross = pixel
            self.repaint_overlay()

    def repaint_overlay(self) -> None:
        """Draw what lies over the picture again."""
        self.viewport().update()

    def show_mark(self, text: str, *, lossy: bool) -> None:
        """Show what the picture has lost."""
        self.mark.show_text(text, lossy=lossy)
        self.place_mark()

    def place_mark(self, *, freely: bool = False) -> None:
        """Put the mark into its corner; `freely`: into the one that the picture leaves free."""
        place_mark(self, freely=freely)

    def _draw(self) -> None:
        self._last_drawn = time.perf_counter()
        geometry = self.geometry_of_image
        if self._picture is not None and geometry is not None:
            x0, y0, x1, y1 = geometry.device_rectangle()
            if x1 > x0 and y1 > y0:
                drawn = self._picture.draw(geometry)
                self._values = drawn.values
                corner = QPointF(x0 / geometry.ratio, y0 / geometry.ratio)
                self._image = corner, self._screen.make(drawn, geometry.ratio)
            else:
                self._values = self._image = None
            self.rectangle.scale_lines(geometry.ratio)
            if self.rectangle.isVisible():
                left, top = geometry.to_image(0, 0)
                right, bottom = geometry.to_image(geometry.width, geometry.height)
                self._box.setRange(
                    QRectF(left, top, right - left, bottom - top), padding=0, disableAutoRange=True
                )
        self.viewport().update()
        self.drawn.emit()

    def drawBackground(self, painter: QPainter, rectangle: QRectF) -> None:
        """Draw the picture in the pane's own pixels."""
        super().drawBackground(painter, rectangle)
        if self._image is not None:
            painter.save()
            painter.resetTransform()
            painter.drawImage(*self._image)
            painter.restore()

    def drawForeground(self, painter: QPainter, rectangle: QRectF) -> None:
        """Draw the overlay in the pane's own pixels."""
        painter.save()
        painter.resetTransform()
        area = QRectF(self.viewport().rect())
        geometry = self.geometry_of_image
        if geometry is not None:
            for layer in self.layers:
                layer.paint(painter, self)
            self.overlay.cross = None
            if self._cross is not None:
                x, y = geometry.to_screen(self._cross[0] + 0.5, self._cross[1] + 0.5)
                self.overlay.cross = QPointF(x, y)
            self.overlay.paint(painter, area, self.font(), self.devicePixelRatioF())
        if self._focus_shown:
            painter.setPen(pg.mkPen(theme().accent, width=1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.restore()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep everything in its place."""
        super().resizeEvent(event)
        if event is None:
            return
        self._message.setGeometry(self.rect().adjusted(2 * GRID, GRID, -2 * GRID, -GRID))
        self.place_mark()
        self.resized.emit()
        self.redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus to those who move it with the keyboard."""
        super().focusInEvent(event)
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._focus_shown = event.reason() in keys
        self.repaint_overlay()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop showing it."""
        super().focusOutEvent(event)
        self._focus_shown = False
        self.repaint_overlay()

    def on_handle(self, event: QMouseEvent) -> bool:
        """Return whether the mouse is on the rectangle or a handle of it."""
        if not self.rectangle.isVisible():
            return False
        family = {self.rectangle, *self.rectangle.childItems()}
        under = self.items(event.position().toPoint())
        return any(item in family for item in under)

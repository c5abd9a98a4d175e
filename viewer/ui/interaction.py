"""The hand on the mouse: which button does what, on any pane."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPointF, Qt, Signal

from viewer.session.models import ViewState
from viewer.session.session import Session
from viewer.ui.box_item import Box
from viewer.ui.mouse.assignment import TOOL, MouseMap
from viewer.ui.pane import Pane
from viewer.ui.tools.base import HoverTool, Tool
from viewer.ui.tools.box_tool import BoxTool
from viewer.ui.tools.view_tools import PanTool, ZoomTool, zoom_at
from viewer.ui.tools.window_tool import WindowTool
from viewer.ui.turned_view import TurnedView

_WHEEL_STEP = 1.25

Grab = Callable[[Pane, QPointF], Tool | None]
"""Returns the tool for something to take hold of at a place, before the chosen tool gets it."""

Wheel = Callable[[Pane, QPointF, float], bool]
"""Takes the steps of the wheel at a place and returns True, or leaves them to the zoom."""

Double = Callable[[Pane, QPointF], bool]
"""Takes a double click at a place and returns True, or leaves it to the zoom."""
Cursor = Callable[[Pane, QPointF], Qt.CursorShape | None]
"""Returns the cursor over something that can be taken hold of at a place."""


class Interaction(QObject):
    """Buttons as the reader assigned them; the wheel zooms at the cursor.

    Parameters
    ----------
    show_box : callable
        Shows a box on all panes while it is dragged.
    change_gain : callable
        Changes the gain of the difference by a number of doublings.
    view : TurnedView
        Knows which stored pixel a place on the panes shows.
    mouse : MouseMap
        Which button does what, and which way.
    """

    pointed = Signal(object)
    """The point (x, y) of the image as it is shown below the mouse; None beside it."""

    def __init__(
        self,
        session: Session,
        show_box: Callable[[Box | None], None],
        change_gain: Callable[[int], None],
        view: TurnedView,
        mouse: MouseMap,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._mouse = mouse
        self._session = session
        self._show_box = show_box
        self._panes: list[Pane] = []
        self._grabs: list[Grab] = []
        self.wheels: list[Wheel] = []
        self.doubles: list[Double] = []
        self.cursors: list[Cursor] = []
        self._tools: dict[str, Tool] = {
            "window": WindowTool(session, change_gain, mouse),
            "pan": PanTool(session),
            "zoom": ZoomTool(session, mouse),
            "box": BoxTool(session, show_box, view),
        }
        self._active: Tool | None = None
        session.view_changed.connect(self._on_view)
        self._on_view(session.view)

    def add_tools(self, tools: dict[str, Tool], grab: Grab) -> None:
        """Add what the left button can do.

        Parameters
        ----------
        grab : callable
            Returns the tool that takes hold of what lies at a place, whatever tool is chosen.
        """
        self._tools.update(tools)
        self._grabs.append(grab)
        self._on_view(self._session.view)

    def attach(self, pane: Pane) -> None:
        """Have a pane answer to the mouse."""
        self._panes.append(pane)
        pane.pressed.connect(partial(self._press, pane))
        pane.dragged.connect(partial(self._drag, pane))
        pane.released.connect(partial(self._release, pane))
        pane.wheeled.connect(partial(self._wheel, pane))
        pane.doubled.connect(partial(self._double, pane))
        pane.hovered.connect(partial(self._hover, pane))
        pane.rectangle.moving.connect(self._show_box)
        pane.rectangle.moved.connect(self._on_box_moved)
        self._set_cursor(pane)

    def detach(self, pane: Pane) -> None:
        """Forget a pane that goes."""
        self._panes.remove(pane)
        self._active = None

    def give_up(self) -> bool:
        """End a drag without doing more; False when there was none."""
        active, self._active = self._active, None
        return active is not None

    def _press(self, pane: Pane, position: QPointF, button: Qt.MouseButton) -> None:
        if pane.picture is None or self._active is not None:
            return
        use = self._mouse.assignment.use_of(button)
        left = button == Qt.MouseButton.LeftButton
        # What lies at the place is taken hold of with the left button, whatever that does else.
        grabbed = (grab(pane, position) for grab in self._grabs if left or use == TOOL)
        tool = next((tool for tool in grabbed if tool is not None), None)
        name = self._session.view.tool if use == TOOL else use
        self._active = tool or self._tools.get(name)
        if self._active is not None:
            self._active.press(pane, position)

    def _drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        if self._active is not None and pane.picture is not None:
            self._active.drag(pane, position, way)

    def _release(self, pane: Pane, position: QPointF, button: Qt.MouseButton) -> None:
        active, self._active = self._active, None
        if active is not None and pane.picture is not None:
            active.release(pane, position)
        self._set_cursor(pane)

    def _wheel(self, pane: Pane, position: QPointF, steps: float) -> None:
        if not any(wheel(pane, position, steps) for wheel in self.wheels):
            sign = -1 if self._mouse.assignment.wheel_reversed else 1
            zoom_at(self._session, pane, position, _WHEEL_STEP ** (sign * steps))

    def _double(self, pane: Pane, position: QPointF) -> None:
        geometry = pane.geometry_of_image
        if geometry is None or any(double(pane, position) for double in self.doubles):
            return
        if geometry.scale is not None and abs(geometry.device_scale - 1) < 1e-9:
            self._session.set_view(centre=None, scale=None)
            return
        centre, scale = geometry.actual_size((position.x(), position.y()))
        self._session.set_view(centre=centre, scale=scale)

    def _hover(self, pane: Pane, position: QPointF | None) -> None:
        geometry = pane.geometry_of_image
        pixel, point = None, None
        if geometry is not None and position is not None:
            pixel = geometry.pixel_at(position.x(), position.y())
            if pixel is not None:
                point = geometry.to_image(position.x(), position.y())
        self._session.set_view(cursor=self._view.pixel_to_stored(pixel))
        self.pointed.emit(point)
        tool = self._tools.get(self._session.view.tool)
        if self._active is None and position is not None and isinstance(tool, HoverTool):
            tool.hover(pane, position)
        if self._active is None and position is not None:
            self._set_cursor(pane, position)
        for other in self._panes:
            other.show_cross(None if other is pane else pixel)

    def _on_box_moved(self, box: Box) -> None:
        self._session.set_box(self._view.box_to_stored(box))

    def _on_view(self, view: ViewState) -> None:
        for pane in self._panes:
            if self._active is None:
                self._set_cursor(pane)

    def _set_cursor(self, pane: Pane, position: QPointF | None = None) -> None:
        tool = self._tools.get(self._session.view.tool)
        shape = Qt.CursorShape.ArrowCursor if tool is None else tool.cursor
        if position is not None:
            over = (cursor(pane, position) for cursor in self.cursors)
            shape = next((each for each in over if each is not None), shape)
        if pane.viewport().cursor().shape() != shape:
            pane.viewport().setCursor(shape)

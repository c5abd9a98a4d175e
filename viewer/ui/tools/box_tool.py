"""The rectangle whose figures are measured."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from viewer.session.session import Session
from viewer.ui.box_item import SMALLEST, Box
from viewer.ui.geometry import Geometry
from viewer.ui.pane import Pane
from viewer.ui.turned_view import TurnedView

_CLICK = 4
"""Screen pixels below which a drag was a click."""


class BoxTool:
    """Drags a new rectangle; a click beside the old one takes it away.

    Parameters
    ----------
    show : callable
        Shows a box, or none, on all panes while it is being dragged.
    view : TurnedView
        Knows which stored pixels a rectangle on the panes covers.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, session: Session, show: Callable[[Box | None], None], view: TurnedView
    ) -> None:
        self._session = session
        self._show = show
        self._view = view
        self._first: QPointF | None = None

    def press(self, pane: Pane, position: QPointF) -> None:
        """Fix the first corner."""
        self._first = position

    def drag(self, pane: Pane, position: QPointF, way: QPointF) -> None:
        """Show what would be measured."""
        box = self._box(pane, position)
        if box is not None:
            self._show(box)

    def release(self, pane: Pane, position: QPointF) -> None:
        """Measure it."""
        box = self._box(pane, position)
        self._first = None
        self._session.set_box(self._view.box_to_stored(box))
        self._show(self._view.box_to_shown(self._session.box))

    def _box(self, pane: Pane, position: QPointF) -> Box | None:
        geometry = pane.geometry_of_image
        if geometry is None or self._first is None:
            return None
        if (position - self._first).manhattanLength() < _CLICK:
            return None
        return _spanned(geometry, self._first, position)


def _spanned(geometry: Geometry, first: QPointF, second: QPointF) -> Box | None:
    """Return the whole pixels between two screen positions, at least one window of SSIM."""
    x0, y0 = geometry.to_image(first.x(), first.y())
    x1, y1 = geometry.to_image(second.x(), second.y())
    left, right = _within(min(x0, x1), max(x0, x1), geometry.columns)
    top, bottom = _within(min(y0, y1), max(y0, y1), geometry.rows)
    if right <= left or bottom <= top:
        return None
    return left, top, right - left, bottom - top


def _within(low: float, high: float, size: int) -> tuple[int, int]:
    first, last = max(0, round(low)), min(size, round(high))
    if first >= size or last <= 0:
        return 0, 0
    if last - first < SMALLEST:
        last = min(size, first + SMALLEST)
        first = max(0, last - SMALLEST)
    return first, last

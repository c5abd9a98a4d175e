"""How images are looked at: the grey window, and the view that all panes share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from viewer.images import display
from viewer.images.radiograph import Grey, LookupTable, Radiograph, Window
from viewer.images.turning import UPRIGHT
from viewer.images.voi import Voi
from viewer.session.models import TOOLS, ViewState

DRAG_STEP = 4 / 1024
"""Part of the data's range that one screen pixel of a drag is worth."""
MAX_REMEMBERED = 1000


class Viewing(QObject):
    """The shared VOI window and `ViewState`, evented.

    Each image keeps the window it was last looked at with.
    """

    voi_changed = Signal(object)
    view_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.voi: Voi | None = None
        self.view = ViewState()
        self._radiograph: Radiograph | None = None
        self._windowed = False
        self._limits = (0.0, 1.0)
        self._remembered: dict[object, Voi | None] = {}
        self._last: tuple[Path, tuple[int, ...], Grey, Voi | None] | None = None
        """Of what was shown before, for the other frames of the same image."""

    def show(
        self, radiograph: Radiograph | None, voi: Voi | None, limits: tuple[float, float]
    ) -> None:
        """Take the window for another image, without telling yet (see `announce`).

        Parameters
        ----------
        radiograph : Radiograph or None
        voi : Window, LookupTable or None
            What it is shown with when it is seen for the first time; None for colour, which has
            no window.
        limits : (low, high)
            Lowest and highest modality value of its pixels: the scale of `drag_window`.
        """
        if self._radiograph is not None:
            header = self._radiograph.header
            self._last = header.path, self._radiograph.pixels.shape, header.grey, self.voi
        before = self._radiograph
        self._radiograph = radiograph
        self._windowed = radiograph is not None and voi is not None
        self._limits = limits
        self.voi = None
        if radiograph is not None:
            self.voi = self._remembered.get(radiograph.header.path, voi)
            if self._continues(radiograph):
                return
            self.view = replace(self.view, turn=UPRIGHT)
            if before is None or before.pixels.shape != radiograph.pixels.shape:
                self.view = replace(self.view, centre=None, scale=None, cursor=None)

    def announce(self) -> None:
        """Tell what `show` has changed."""
        self.voi_changed.emit(self.voi)
        self.view_changed.emit(self.view)

    def set_voi(self, voi: Voi | None) -> None:
        """Show original and reconstruction with a window or table; nothing for colour."""
        radiograph = self._radiograph
        if radiograph is None or not self._windowed or voi is self.voi:
            return
        self.voi = voi
        self._remembered.pop(radiograph.header.path, None)
        self._remembered[radiograph.header.path] = voi
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        self.voi_changed.emit(voi)

    def auto_window(self) -> None:
        """Show the 1st to the 99th percentile of the image."""
        if self._radiograph is not None and self._windowed:
            self.set_voi(display.auto_window(self._radiograph))

    def drag_window(self, dx: float, dy: float) -> None:
        """Change width by `dx` and centre by `dy` screen pixels: right is wider, down higher.

        A pixel is worth `DRAG_STEP` of the range of the image's own values, whatever its bits.
        """
        if not self._windowed:
            return
        low, high = self._limits
        span = max(high - low, 1e-6)
        window = self._as_window()
        least = 1.0 if window.function == "LINEAR" else span / 65536
        width = min(max(window.width + dx * DRAG_STEP * span, least), max(4 * span, least))
        centre = min(max(window.centre + dy * DRAG_STEP * span, low - span), high + span)
        self.set_voi(Window(centre, width, "", window.function))

    def set_view(self, **changes: Any) -> None:
        """Change fields of the `ViewState`; what is not named stays.

        Raises
        ------
        ValueError
            When a tool or field is not known: a mistake of the caller.
        """
        try:
            view = replace(self.view, **changes)
        except TypeError as error:
            raise ValueError(f"no such field of the view: {', '.join(changes)}") from error
        if view.tool not in TOOLS:
            raise ValueError(f"no such tool: {view.tool}")
        if view.scale is None and view.centre is not None:
            view = replace(view, centre=None)
        if view != self.view:
            self.view = view
            self.view_changed.emit(view)

    def _continues(self, radiograph: Radiograph) -> bool:
        """Take over the window for another frame of the image that was shown last.

        A film whose brightness followed each frame's own percentiles would flicker.
        """
        if self._last is None:
            return False
        path, shape, grey, voi = self._last
        header = radiograph.header
        if path != header.path or shape != radiograph.pixels.shape:
            return False
        if grey is header.grey and self._windowed and voi is not None:
            self.voi = voi
        return True

    def _as_window(self) -> Window:
        """Return the window to drag from: of a table, the one over its input range."""
        if isinstance(self.voi, Window):
            return self.voi
        if isinstance(self.voi, LookupTable):
            entries = len(self.voi.values)
            return Window(self.voi.first_mapped + entries / 2, float(max(entries, 1)))
        low, high = self._limits
        return Window((low + high) / 2, max(high - low, 1.0))

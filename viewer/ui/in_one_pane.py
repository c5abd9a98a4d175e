"""Two pictures in one place: blinking, swiped, blended, in a checkerboard, flipped by hand."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.ui.contents.content import ORIGINAL
from viewer.ui.settings import WindowSettings

BLINK, SWIPE, BLEND, CHECKERBOARD = "blink", "swipe", "blend", "checkerboard"
MODES = (BLINK, SWIPE, BLEND, CHECKERBOARD)

SLOWEST_HZ, FASTEST_HZ = 0.5, 10.0
_USUAL_HZ = 1.0
SMALLEST_TILE, LARGEST_TILE = 8, 512
_USUAL_TILE = 64


class InOnePane(QObject):
    """How the pane that shows a coding shows another picture with it.

    Attributes
    ----------
    mode : str
        One of `MODES`; "" while it shows its own picture alone.
    rate : float
        Pictures a second while blinking: each of the two is there for 1 / rate seconds.
    divider : float
        Of the swipe, 0 at the left edge of the pane and 1 at the right: the other picture lies
        left of it.
    opacity : float
        Of the pane's own picture over the other one, 0..1.
    tile : int
        Side of the squares of the checkerboard, in screen pixels.
    partner : str
        Name of the other picture.
    """

    changed = Signal()
    """Mode or partner: what the pane shows."""
    flipped = Signal()
    """Which of the two it shows just now."""
    adjusted = Signal()
    """Divider, opacity, tile or rate."""

    def __init__(self, settings: WindowSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.mode = ""
        self.partner = ORIGINAL
        self.rate = _number(settings, "blink_hz", _USUAL_HZ, SLOWEST_HZ, FASTEST_HZ)
        self.tile = round(_number(settings, "tile", _USUAL_TILE, SMALLEST_TILE, LARGEST_TILE))
        self.divider = 0.5
        self.opacity = 0.5
        self._held = False
        self._phase = False
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._next)

    @property
    def blinking(self) -> bool:
        """Whether the two alternate."""
        return self._timer.isActive()

    @property
    def shows_other(self) -> bool:
        """Whether it is the other picture's turn."""
        return self._held or (self.blinking and self._phase)

    @property
    def composed(self) -> bool:
        """Whether parts of both are seen at once."""
        return self.mode in (SWIPE, BLEND, CHECKERBOARD) and not self._held

    def choose(self, mode: str) -> None:
        """Go over to a mode, "" for none."""
        if mode == self.mode:
            return
        self.mode = mode
        if mode == BLINK:
            self._timer.start(self._interval())
        else:
            self._timer.stop()
        # A blink begins with the other picture: what changed is seen at once.
        self._phase = mode == BLINK
        self.changed.emit()

    def toggle(self, mode: str, on: bool) -> None:
        """Go over to a mode, or leave it."""
        if on:
            self.choose(mode)
        elif self.mode == mode:
            self.choose("")

    def hold(self, held: bool) -> None:
        """Show the other picture as long as this is True."""
        if held != self._held:
            self._held = held
            self.flipped.emit()

    def compare_with(self, name: str) -> None:
        """Take another partner."""
        if name != self.partner:
            self.partner = name
            self.changed.emit()

    def set_rate(self, rate: float) -> None:
        """Blink at another rate, in pictures a second."""
        self.rate = min(max(rate, SLOWEST_HZ), FASTEST_HZ)
        self._settings.set("blink_hz", self.rate)
        self._timer.setInterval(self._interval())
        self.adjusted.emit()

    def set_divider(self, divider: float) -> None:
        """Move the border of the swipe."""
        self.divider = min(max(divider, 0.0), 1.0)
        self.adjusted.emit()

    def set_opacity(self, opacity: float) -> None:
        """Let more or less of the other picture through."""
        self.opacity = min(max(opacity, 0.0), 1.0)
        self.adjusted.emit()

    def set_tile(self, tile: int) -> None:
        """Use larger or smaller squares."""
        self.tile = min(max(tile, SMALLEST_TILE), LARGEST_TILE)
        self._settings.set("tile", self.tile)
        self.adjusted.emit()

    def _interval(self) -> int:
        return round(1000 / self.rate)

    def _next(self) -> None:
        self._phase = not self._phase
        self.flipped.emit()


def _number(
    settings: WindowSettings, key: str, otherwise: float, least: float, most: float
) -> float:
    try:
        kept = float(settings.text(key, str(otherwise)))
    except ValueError:
        return otherwise
    return min(max(kept, least), most)

"""Original and reconstruction in one place: while a key is held, or blinking."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

PERIOD_MS = 500
"""How long each of the two is shown while blinking."""


class Flip(QObject):
    """Whether the middle pane shows the original for now."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held = False
        self._phase = False
        self._timer = QTimer(self, interval=PERIOD_MS)
        self._timer.timeout.connect(self._next)

    @property
    def blinking(self) -> bool:
        """Whether the two alternate."""
        return self._timer.isActive()

    @property
    def shows_original(self) -> bool:
        """Whether it is the original's turn."""
        return self._held or self._phase

    def hold(self, held: bool) -> None:
        """Show the original as long as this is True."""
        if held != self._held:
            self._held = held
            self.changed.emit()

    def blink(self, blinking: bool) -> None:
        """Let the two alternate, or stop at the reconstruction."""
        if blinking == self.blinking:
            return
        if blinking:
            self._timer.start()
        else:
            self._timer.stop()
        self._phase = blinking
        self.changed.emit()

    def _next(self) -> None:
        self._phase = not self._phase
        self.changed.emit()

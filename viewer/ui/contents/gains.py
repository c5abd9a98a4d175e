"""The gain of differences: one for all panes of a kind, so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from viewer.ui.contents.kinds import Gained

LARGEST = float(1 << 20)
SMALLEST = 1.0


class Gains(QObject):
    """What was chosen by hand; where nothing was, a gain that suits every pane of the kind."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chosen: dict[str, float] = {}
        self._shown: list[tuple[str, Gained]] = []

    @property
    def first(self) -> float | None:
        """The gain of the first map shown that has one."""
        return self._shown[0][1].gain if self._shown else None

    def choose(self, gain: float | None) -> None:
        """Take a gain for the maps shown; None: the one that suits."""
        for kind, _ in self._shown:
            if gain is None:
                self._chosen.pop(kind, None)
            else:
                self._chosen[kind] = min(max(gain, SMALLEST), LARGEST)
        self.changed.emit()

    def double(self, times: int) -> None:
        """Double the gain of the maps shown so many times, or halve it."""
        for kind, gain in {kind: picture.gain for kind, picture in self._shown}.items():
            self._chosen[kind] = min(max(gain * 2.0**times, SMALLEST), LARGEST)
        self.changed.emit()

    def forget(self) -> None:
        """Forget what was chosen: another image is shown."""
        self._chosen.clear()

    def apply(self, maps: Iterable[tuple[str, Gained]]) -> bool:
        """Give maps their gains; return whether that changes any."""
        suiting: dict[str, float] = {}
        self._shown = list(maps)
        for kind, picture in self._shown:
            suiting[kind] = min(suiting.get(kind, LARGEST), picture.first_gain)
        changed = False
        for kind, picture in self._shown:
            gain = self._chosen.get(kind, suiting[kind])
            changed = changed or picture.gain != gain
            picture.gain = gain
        return changed

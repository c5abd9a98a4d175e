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

    def chosen(self, kind: str) -> bool:
        """Whether the gain of a kind was chosen by hand."""
        return kind in self._chosen

    def choose(self, kind: str, gain: float | None) -> None:
        """Take a gain for a kind; None: the one that suits."""
        if gain is None:
            self._chosen.pop(kind, None)
        else:
            self._chosen[kind] = min(max(gain, SMALLEST), LARGEST)
        self.changed.emit()

    def forget(self) -> None:
        """Forget what was chosen: another image is shown."""
        self._chosen.clear()

    def apply(self, maps: Iterable[tuple[str, Gained]]) -> bool:
        """Give maps their gains; return whether that changes any."""
        suiting: dict[str, float] = {}
        listed = list(maps)
        for kind, picture in listed:
            suiting[kind] = min(suiting.get(kind, LARGEST), picture.first_gain)
        changed = False
        for kind, picture in listed:
            gain = self._chosen.get(kind, suiting[kind])
            changed = changed or picture.gain != gain
            picture.gain = gain
        return changed

"""Where the lossy marks of panes lie: as they were dragged, or where the picture leaves room."""

from __future__ import annotations

from collections.abc import Iterable

from viewer.ui.lossy_mark import Corner
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.settings import WindowSettings


class PaneMarks:
    """Remembers the corner of each pane's mark; finds one where none was chosen."""

    def __init__(self, settings: WindowSettings) -> None:
        self._settings = settings
        self._unplaced: set[PaneFrame] = set()

    def take_in(self, frame: PaneFrame) -> None:
        """Put the mark of a frame where it was, and keep where it is dragged to."""
        key = _key(frame)
        kept = self._settings.text(key)
        if kept in {corner.value for corner in Corner}:
            frame.pane.mark.corner = Corner(kept)
        frame.pane.mark.moved.connect(lambda corner: self._settings.set(key, corner.value))

    def renew(self, frames: Iterable[PaneFrame]) -> None:
        """Find a corner anew on these: another image is shown."""
        self._unplaced = set(frames)

    def place(self, frame: PaneFrame) -> None:
        """Find a corner for the mark of a frame that was just drawn.

        Once an image: a mark that jumps while blinking or zooming would draw the eye.
        """
        if frame in self._unplaced and frame.pane.mark.isVisible():
            self._unplaced.discard(frame)
            if not self._settings.text(_key(frame)):
                frame.pane.place_mark(freely=True)


def _key(frame: PaneFrame) -> str:
    return f"mark/{frame.name}"

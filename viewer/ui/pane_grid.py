"""Where the panes stand: one, two or three in a row, or two rows of two."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from viewer.ui.pane_frame import PaneFrame

LAYOUTS = (1, 2, 3, 4)
MOST = 4
_HANDLE = 4


class PaneGrid(QSplitter):
    """Up to four frames; the borders between them can be dragged."""

    def __init__(self, frames: tuple[PaneFrame, ...], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._frames = frames
        self._rows = (QSplitter(self), QSplitter(self))
        self.setChildrenCollapsible(False)
        self.setHandleWidth(_HANDLE)
        for row, other in zip(self._rows, reversed(self._rows), strict=True):
            row.setChildrenCollapsible(False)
            row.setHandleWidth(_HANDLE)
            self.addWidget(row)
            row.splitterMoved.connect(lambda *_, row=row, other=other: self._follow(row, other))
        self._count = 0
        for frame in frames:
            frame.pane.resized.connect(self._share_room)

    @property
    def count_shown(self) -> int:
        """How many panes there are."""
        return self._count

    def arrange(self, count: int) -> None:
        """Show the first `count` frames, each with the same room."""
        if count == self._count:
            return
        self._count = count
        upper, lower = self._rows
        first_row = 2 if count == MOST else count
        for place, frame in enumerate(self._frames):
            row = upper if place < first_row or place >= count else lower
            index = place if row is upper else place - first_row
            if row.indexOf(frame) != index:
                row.insertWidget(index, frame)
            frame.setVisible(place < count)
        lower.setVisible(count == MOST)
        for row in self._rows:
            row.setSizes([1000] * row.count())
        self.setSizes([1000, 1000])
        self._share_room()

    def _follow(self, row: QSplitter, other: QSplitter) -> None:
        """Keep the columns of two rows in line."""
        if self._count == MOST:
            other.setSizes(row.sizes())

    def _share_room(self) -> None:
        """Let all panes fit an image alike, though one may be a pixel wider."""
        shown = self._frames[: self._count]
        if not shown:
            return
        sizes = [frame.pane.viewport().size() for frame in shown]
        room = (min(size.width() for size in sizes), min(size.height() for size in sizes))
        for frame in shown:
            frame.pane.share_room(room)

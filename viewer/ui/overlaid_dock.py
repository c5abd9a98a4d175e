"""A dock whose map lies over the original on every pane, and what panes show for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from viewer.ui.contents.content import SHOWN_ORIGINAL, Content
from viewer.ui.docks import add_dock
from viewer.ui.pane import Layer, Pane

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane_frame import PaneFrame


class OverlaidDock(QObject):
    """Its work goes on while its dock is there; its layer is under all others on every pane.

    Parameters
    ----------
    title, key : str
        Of the dock; `key` is that of the action that shows it.
    panel : QWidget
        In the dock.
    layer : Layer
        Over the panes.
    switch : callable
        Told whether the dock is there.

    Attributes
    ----------
    dock : QDockWidget
    """

    def __init__(
        self,
        window: MainWindow,
        title: str,
        key: str,
        panel: QWidget,
        layer: Layer,
        switch: Callable[[bool], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._layer = layer
        side = Qt.DockWidgetArea.RightDockWidgetArea
        self.dock = add_dock(window, title, key, panel, side, shown=False)
        for frame in window.panes.all_frames:
            self._take_in(frame)
        window.panes.frame_added.connect(self._take_in)
        # Behind another dock it still is on: it is the pane that shows the map.
        self.dock.visibilityChanged.connect(lambda _: switch(not self.dock.isHidden()))

    def repaint(self) -> None:
        """Draw again what lies over the panes."""
        for frame in self._window.panes.frames:
            frame.pane.repaint_overlay()

    def refill(self, name: str) -> None:
        """Renew the panes if any shows the picture of that name."""
        panes = self._window.panes
        if any(name in panes.content(frame).names for frame in panes.frames):
            panes.refill()

    def show_on_panes(self, contents: Sequence[Content]) -> None:
        """Show as many panes as there are contents, and on each its own."""
        panes = self._window.panes
        panes.arrange(len(contents))
        for frame, content in zip(panes.frames, contents, strict=False):
            panes.choose(frame, content)

    def _take_in(self, frame: PaneFrame) -> None:
        frame.pane.layers.insert(0, self._layer)


def over_original(window: MainWindow) -> Callable[[Pane], bool]:
    """Return what tells whether a pane shows the original alone."""

    def over(pane: Pane) -> bool:
        panes = window.panes
        return any(f.pane is pane and panes.content(f) == SHOWN_ORIGINAL for f in panes.frames)

    return over

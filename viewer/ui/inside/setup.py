"""Look inside in the main window: its dock, its actions, its layer on the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.codecs.inspection import CodeMap
from viewer.ui.contents.content import INSIDE, ORIGINAL, SHOWN_ORIGINAL, Content
from viewer.ui.docks import add_dock
from viewer.ui.inside.colours import legend
from viewer.ui.inside.layer import CodeLayer
from viewer.ui.inside.panel import InsidePanel
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane_frame import PaneFrame

ON_PANES = (SHOWN_ORIGINAL, Content(first=INSIDE), Content("signed", INSIDE, ORIGINAL))
"""What the panes show of a part: the original with the map, the part, and what it lacks."""


class InsideParts(QObject):
    """What looking inside adds to a window; it works while its dock is there.

    Attributes
    ----------
    panel : InsidePanel
    layer : CodeLayer
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._inspecting = window.session.inspecting
        self.panel = InsidePanel(window.session)
        self.layer = CodeLayer(Places(window.session), self._over)
        self.dock = add_dock(
            window,
            self.tr("Look inside"),
            "inside",
            self.panel,
            Qt.DockWidgetArea.RightDockWidgetArea,
            shown=False,
        )
        for frame in window.panes.all_frames:
            self._take_in(frame)
        window.panes.frame_added.connect(self._take_in)
        # Behind another dock it still is on: the map lies over the image.
        self.dock.visibilityChanged.connect(
            lambda _: self._inspecting.switch(not self.dock.isHidden())
        )
        self.panel.maps.map_changed.connect(self._on_map)
        self.panel.maps.opacity_changed.connect(self._on_opacity)
        self.panel.pictures.to_panes.clicked.connect(self.show_on_panes)
        window.actions_by_key.on("inside_panes", self.show_on_panes)
        self._inspecting.chosen_changed.connect(self._on_chosen)
        window.panes.refilled.connect(self._write_legends)

    def show_on_panes(self) -> None:
        """Show original, the part chosen and the difference; the dock comes with it."""
        if self.dock.isHidden():
            self._window.actions_by_key["inside"].trigger()
        panes = self._window.panes
        panes.arrange(len(ON_PANES))
        for frame, content in zip(panes.frames, ON_PANES, strict=False):
            panes.choose(frame, content)

    def _take_in(self, frame: PaneFrame) -> None:
        frame.pane.layers.insert(0, self.layer)

    def _over(self, pane: Pane) -> bool:
        panes = self._window.panes
        return any(f.pane is pane and panes.content(f) == SHOWN_ORIGINAL for f in panes.frames)

    def _on_map(self, code_map: CodeMap | None) -> None:
        self.layer.map = code_map
        self._write_legends()
        self._repaint()

    def _on_opacity(self, opacity: float) -> None:
        self.layer.opacity = opacity
        self._repaint()

    def _write_legends(self) -> None:
        """Say on every pane with the map over it what its colours stand for."""
        code_map = self.layer.map
        for frame in self._window.panes.frames:
            if self._over(frame.pane):
                amounts = code_map is not None and not code_map.counted
                there = amounts and frame.pane.picture is not None
                frame.pane.overlay.scale = legend(code_map) if code_map and there else None

    def _repaint(self) -> None:
        for frame in self._window.panes.frames:
            frame.pane.repaint_overlay()

    def _on_chosen(self) -> None:
        panes = self._window.panes
        if any(INSIDE in panes.content(frame).names for frame in panes.frames):
            panes.refill()

"""The deformation map in the main window: its dock, its action, its layer on the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.ui.contents.content import ORIGINAL, SAMPLED, SHOWN_ORIGINAL, Content
from viewer.ui.deformation.layer import DeformationLayer
from viewer.ui.deformation.look import Look
from viewer.ui.deformation.panel import DeformationPanel
from viewer.ui.docks import add_dock
from viewer.ui.measuring.places import Places
from viewer.ui.pane import Pane

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane_frame import PaneFrame

ON_PANES = (
    SHOWN_ORIGINAL,
    Content(first=SAMPLED),
    Content("signed", SAMPLED, ORIGINAL),
    Content("psnr", SAMPLED, ORIGINAL),
)
"""What the panes show of a sampling: the map, what is put back, and what that lacks."""


class DeformationParts(QObject):
    """What the deformation map adds to a window; the map is on while its dock is shown.

    Attributes
    ----------
    panel : DeformationPanel
    layer : DeformationLayer
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._deforming = window.session.deforming
        self.panel = DeformationPanel(window.session)
        self.layer = DeformationLayer(self._deforming, Places(window.session), self._over)
        self.dock = add_dock(
            window,
            self.tr("Deformation"),
            "deformation",
            self.panel,
            Qt.DockWidgetArea.RightDockWidgetArea,
            shown=False,
        )
        for frame in window.panes.all_frames:
            self._take_in(frame)
        window.panes.frame_added.connect(self._take_in)
        # Hidden behind another dock it still is on: it is the pane that shows the map.
        self.dock.visibilityChanged.connect(
            lambda _: self._deforming.switch(not self.dock.isHidden())
        )
        self._deforming.placed_changed.connect(self._repaint)
        self._deforming.deformed_changed.connect(self._on_deformed)
        self.panel.look_changed.connect(self._on_look)
        self.panel.panes_asked.connect(self._show_on_panes)

    def _take_in(self, frame: PaneFrame) -> None:
        frame.pane.layers.insert(0, self.layer)

    def _over(self, pane: Pane) -> bool:
        panes = self._window.panes
        return any(f.pane is pane and panes.content(f) == SHOWN_ORIGINAL for f in panes.frames)

    def _repaint(self) -> None:
        for frame in self._window.panes.frames:
            frame.pane.repaint_overlay()

    def _on_look(self, look: Look) -> None:
        self.layer.look = look
        self._repaint()

    def _on_deformed(self) -> None:
        self._repaint()
        panes = self._window.panes
        if any(SAMPLED in panes.content(frame).names for frame in panes.frames):
            panes.refill()

    def _show_on_panes(self) -> None:
        panes = self._window.panes
        panes.arrange(len(ON_PANES))
        for frame, content in zip(panes.frames, ON_PANES, strict=False):
            panes.choose(frame, content)

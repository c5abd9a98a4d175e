"""The deformation map in the main window: its dock, its action, its layer on the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.ui.contents.content import ORIGINAL, SAMPLED, SHOWN_ORIGINAL, Content
from viewer.ui.deformation.layer import DeformationLayer
from viewer.ui.deformation.look import Look
from viewer.ui.deformation.panel import DeformationPanel
from viewer.ui.measuring.places import Places
from viewer.ui.overlaid_dock import OverlaidDock, over_original

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

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
    dock : QDockWidget
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        session = window.session
        deforming = session.deforming
        self.panel = DeformationPanel(session)
        self.layer = DeformationLayer(deforming, Places(session), over_original(window))
        self._over = OverlaidDock(
            window,
            self.tr("Deformation"),
            "deformation",
            self.panel,
            self.layer,
            deforming.switch,
        )
        self.dock = self._over.dock
        deforming.placed_changed.connect(self._over.repaint)
        deforming.deformed_changed.connect(self._on_deformed)
        self.panel.look_changed.connect(self._on_look)
        self.panel.panes_asked.connect(lambda: self._over.show_on_panes(ON_PANES))

    def _on_look(self, look: Look) -> None:
        self.layer.look = look
        self._over.repaint()

    def _on_deformed(self) -> None:
        self._over.repaint()
        self._over.refill(SAMPLED)

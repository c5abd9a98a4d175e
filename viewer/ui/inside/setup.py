"""Look inside in the main window: its dock, its actions, its layer on the panes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF

from viewer.codecs.inspection import CodeMap, TileInside
from viewer.ui.contents.content import INSIDE, ORIGINAL, SHOWN_ORIGINAL, Content
from viewer.ui.inside.colours import legend
from viewer.ui.inside.layer import CodeLayer
from viewer.ui.inside.panel import InsidePanel
from viewer.ui.measuring.places import Places
from viewer.ui.overlaid_dock import OverlaidDock, over_original

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane import Pane

ON_PANES = (SHOWN_ORIGINAL, Content(first=INSIDE), Content("signed", INSIDE, ORIGINAL))
"""What the panes show of a part: the original with the map, the part, and what it lacks."""


class InsideParts(QObject):
    """What looking inside adds to a window; it works while its dock is there.

    Attributes
    ----------
    panel : InsidePanel
    layer : CodeLayer
    dock : QDockWidget
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = window.session
        self.panel = InsidePanel(session)
        self._shown = over_original(window)
        self._places = Places(session)
        self.layer = CodeLayer(self._places, self._shown)
        switch = session.inspecting.switch
        title = self.tr("Look inside")
        self._over = OverlaidDock(window, title, "inside", self.panel, self.layer, switch)
        self.dock = self._over.dock
        self.panel.maps.map_changed.connect(self._on_map)
        self.panel.maps.opacity_changed.connect(self._on_opacity)
        self.panel.tile.tile_changed.connect(self._on_tile)
        window.panes.interaction.add_tools({}, self._look_at)
        self.panel.pictures.to_panes.clicked.connect(self.show_on_panes)
        window.actions_by_key.on("inside_panes", self.show_on_panes)
        session.inspecting.chosen_changed.connect(self._on_chosen)
        window.panes.refilled.connect(self._write_legends)

    def show_on_panes(self) -> None:
        """Show original, the part chosen and the difference; the dock comes with it."""
        if self.dock.isHidden():
            self._window.actions_by_key["inside"].trigger()
        self._over.show_on_panes(ON_PANES)

    def _on_map(self, code_map: CodeMap | None) -> None:
        self.layer.map = code_map
        self._write_legends()
        self._over.repaint()

    def _on_opacity(self, opacity: float) -> None:
        self.layer.opacity = opacity
        self._over.repaint()

    def _look_at(self, pane: Pane, position: QPointF) -> None:
        """Show the tile under a click into the original; the tool in hand has the click as well."""
        if self.dock.isHidden() or not self._shown(pane) or not self._places.ready(pane):
            return
        columns, rows = self._places.size()
        x, y = self._places.to_stored(pane, position)
        self.panel.tile.pick((min(int(x), columns - 1), min(int(y), rows - 1)))

    def _on_tile(self, tile: TileInside | None) -> None:
        cell = self.panel.tile.cell
        self.layer.tile = None
        if tile is not None:
            row, column = tile.place
            height, width = tile.original.shape[:2]
            self.layer.tile = QRectF(column * cell, row * cell, width, height)
        self._over.repaint()

    def _on_chosen(self) -> None:
        self._over.refill(INSIDE)

    def _write_legends(self) -> None:
        """Say on every pane with the map over it what its colours stand for."""
        code_map = self.layer.map
        for frame in self._window.panes.frames:
            if self._shown(frame.pane):
                amounts = code_map is not None and not code_map.counted
                there = amounts and frame.pane.picture is not None
                frame.pane.overlay.scale = legend(code_map) if code_map and there else None

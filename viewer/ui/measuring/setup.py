"""Measuring in the main window: its docks, actions and the layer on every pane."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.metrics.measuring.shapes import KINDS
from viewer.ui.docks import add_dock, show_dock
from viewer.ui.measuring.hand import MeasureHand
from viewer.ui.measuring.plots_panel import PlotsPanel
from viewer.ui.measuring.table_panel import MeasurementsPanel

if TYPE_CHECKING:
    from viewer.metrics.measuring.measured import Measurement
    from viewer.ui.main_window import MainWindow
    from viewer.ui.pane_frame import PaneFrame

_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class MeasuringParts(QObject):
    """What measuring adds to a window.

    Attributes
    ----------
    hand : MeasureHand
    table : MeasurementsPanel
    plots : PlotsPanel
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session, actions = window.session, window.actions_by_key
        self.hand = MeasureHand(session, self)
        self.table = MeasurementsPanel(session.measuring, self.hand.delete_selected)
        self.plots = PlotsPanel(session)
        self.table_dock = add_dock(
            window, self.tr("Measurements"), "measurements", self.table, _BOTTOM, shown=False
        )
        self.plots_dock = add_dock(
            window, self.tr("Profile and histogram"), "plots", self.plots, _BOTTOM, shown=False
        )
        for frame in window.panes.all_frames:
            self._cover(frame)
        window.panes.frame_added.connect(self._cover)
        interaction = window.panes.interaction
        interaction.add_tools(self.hand.tools, self.hand.grab)
        interaction.cursors.append(self.hand.cursor)
        interaction.doubles.append(self.hand.double)
        for kind in KINDS:
            actions.on(kind, partial(session.set_view, tool=kind))
        actions.on("keep_box", self.hand.keep_box)
        actions.on("undo", self.hand.undo_group.undo)
        actions.on("redo", self.hand.undo_group.redo)
        actions.on("delete_measurement", self.hand.delete_selected)
        actions.on("delete_measurements", self.hand.delete_all)
        actions.on("export_csv", window.dialogs.export_csv)
        actions.on("export_sr", window.dialogs.export_sr)
        self.table.csv_asked.connect(window.dialogs.export_csv)
        self.table.sr_asked.connect(window.dialogs.export_sr)
        session.view_changed.connect(self._on_tool)
        self._tool = session.view.tool
        self.hand.undo_group.canUndoChanged.connect(lambda _: self._enable())
        self.hand.undo_group.canRedoChanged.connect(lambda _: self._enable())
        session.measuring.changed.connect(self._enable)
        self.hand.drawn.connect(self._on_drawn)
        self._enable()

    def _cover(self, frame: PaneFrame) -> None:
        """Draw on a pane, those of other windows among them."""
        frame.pane.layers.append(self.hand.layer)
        self.hand.repaint.connect(frame.pane.repaint_overlay)

    def _on_tool(self, view: object) -> None:
        tool = self._window.session.view.tool
        if tool != self._tool:
            self._tool = tool
            self.hand.give_up()

    def _on_drawn(self, measurement: Measurement) -> None:
        if measurement.shape.kind == "profile":
            show_dock(self._window, self.plots_dock)

    def _enable(self) -> None:
        actions, group = self._window.actions_by_key, self.hand.undo_group
        measuring = self._window.session.measuring
        actions["undo"].setEnabled(group.canUndo())
        actions["redo"].setEnabled(group.canRedo())
        actions["delete_measurement"].setEnabled(measuring.selected is not None)
        actions["delete_measurements"].setEnabled(bool(measuring.measurements))

"""Puts the comparison workbench into the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.ui.docks import add_dock
from viewer.ui.in_one_pane import MODES
from viewer.ui.pane_grid import LAYOUTS
from viewer.ui.workbench.bar import CompareBar
from viewer.ui.workbench.blocks_panel import BlocksPanel

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class WorkbenchParts(QObject):
    """Connects the workbench's actions and lets them follow what is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._actions = window.actions_by_key
        self._panes = window.panes
        self._session = window.session
        self.bar = CompareBar(window.session, window.panes, self._actions["gain_reset"])
        window.panes.add_bar(self.bar)
        self.blocks = BlocksPanel(window.session, window.panes)
        area = Qt.DockWidgetArea.RightDockWidgetArea
        self.blocks_dock = add_dock(
            window, self.tr("Worst blocks"), "blocks", self.blocks, area, shown=False
        )
        self._connect()
        self.show_state()

    def _connect(self) -> None:
        actions, panes, session = self._actions, self._panes, self._session
        for count in LAYOUTS:
            actions.on(f"layout_{count}", partial(panes.arrange, count))
        for mode in MODES:
            actions.on_toggle(mode, partial(panes.in_one.toggle, mode))
        actions.on("content", panes.choose_on_pane)
        actions.on_toggle("difference", panes.set_signed)
        actions.on_toggle("as_displayed", session.set_as_displayed)
        actions.on("gain_up", partial(panes.gains.double, 1))
        actions.on("gain_down", partial(panes.gains.double, -1))
        actions.on("gain_reset", partial(panes.gains.choose, None))
        actions.on("match_bytes", partial(self.bar.match.start, "bytes"))
        actions.on("match_psnr", partial(self.bar.match.start, "psnr"))
        panes.contents_changed.connect(self.show_state)
        panes.refilled.connect(self.show_state)
        panes.in_one.changed.connect(self.show_state)

    def show_state(self) -> None:
        """Let the actions follow."""
        actions, panes = self._actions, self._panes
        able = panes.can_superpose
        if not able and panes.in_one.mode:
            panes.in_one.choose("")
        for mode in MODES:
            actions[mode].setEnabled(able)
            actions[mode].setChecked(panes.in_one.mode == mode)
        for key in ("gain_up", "gain_down", "gain_reset"):
            actions[key].setEnabled(panes.gains.first is not None)
        for key in ("match_bytes", "match_psnr"):
            actions[key].setEnabled(self._session.comparison is not None)
        actions["difference"].setChecked(panes.signed)
        actions[f"layout_{panes.contents.count}"].setChecked(True)
        actions["content"].setEnabled(self._session.header is not None)

    def leave_mode(self) -> bool:
        """Go back to each picture alone; False when it was so already."""
        if not self._panes.in_one.mode:
            return False
        self._panes.in_one.choose("")
        return True

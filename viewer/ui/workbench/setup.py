"""Puts the comparison workbench into the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.ui.docks import add_dock
from viewer.ui.in_one_pane import MODES
from viewer.ui.loupe import Loupe, LoupeLayer
from viewer.ui.pane_grid import LAYOUTS
from viewer.ui.workbench.bar import CompareBar
from viewer.ui.workbench.blocks_panel import BlocksPanel
from viewer.ui.workbench.full_screen import FullScreen
from viewer.ui.workbench.second_window import SecondWindow

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class WorkbenchParts(QObject):
    """Connects the workbench's actions and lets them follow what is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
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
        self.loupe = Loupe(window.settings, self)
        self._loupe_layer = LoupeLayer(self.loupe)
        self.full_screen = FullScreen(window)
        self.second: SecondWindow | None = None
        self._connect()
        self._connect_loupe()
        self._show_loupe()
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

    def _connect_loupe(self) -> None:
        actions, panes, loupe = self._actions, self._panes, self.loupe
        actions.on_toggle("loupe", loupe.switch)
        actions.on("loupe_larger", partial(loupe.resize, 1))
        actions.on("loupe_smaller", partial(loupe.resize, -1))
        actions.on("loupe_closer", partial(loupe.magnify, 1))
        actions.on("loupe_wider", partial(loupe.magnify, -1))
        panes.interaction.pointed.connect(loupe.move)
        panes.interaction.wheels.append(loupe.wheel)
        for frame in panes.all_frames:
            frame.pane.layers.append(self._loupe_layer)
        panes.frame_added.connect(lambda frame: frame.pane.layers.append(self._loupe_layer))
        loupe.changed.connect(self._show_loupe)
        actions.on_toggle("full_screen", self.full_screen.switch)
        actions.on_toggle("second_window", self._show_second)

    def _show_loupe(self) -> None:
        for frame in self._panes.frames:
            frame.pane.repaint_overlay()
        for key in ("loupe_larger", "loupe_smaller", "loupe_closer", "loupe_wider"):
            self._actions[key].setEnabled(self.loupe.on)
        self._actions["loupe"].setChecked(self.loupe.on)

    def _show_second(self, shown: bool) -> None:
        if not shown:
            self.close_second()
        elif self.second is None:
            self.second = SecondWindow(self._window)
            self.second.closed.connect(self._on_second_closed)
            self.second.open()

    def close_second(self) -> None:
        """Close the second window, where there is one."""
        if self.second is not None:
            self.second.close()

    def _on_second_closed(self) -> None:
        self.second = None
        self._actions["second_window"].setChecked(False)

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
        """Go back by one step: the loupe goes, each picture is alone, the window as it was."""
        if self.loupe.on:
            self.loupe.switch(False)
        elif self._panes.in_one.mode:
            self._panes.in_one.choose("")
        elif self.full_screen.on:
            self.full_screen.switch(False)
        else:
            return False
        return True

    def close(self) -> None:
        """Leave the window as it is to be remembered, and nothing behind it."""
        self.close_second()
        self.full_screen.switch(False)
        self._panes.in_one.choose("")

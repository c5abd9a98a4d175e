"""The bar below the panes: how two pictures share one, the gain, and the match."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QWidget

from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.contents.gains import LARGEST, SMALLEST
from viewer.ui.in_one_pane import (
    BLEND,
    BLINK,
    CHECKERBOARD,
    FASTEST_HZ,
    LARGEST_TILE,
    SLOWEST_HZ,
    SMALLEST_TILE,
    SWIPE,
)
from viewer.ui.panes import Panes
from viewer.ui.theme import GRID
from viewer.ui.workbench.adjusters import Adjuster
from viewer.ui.workbench.match_controls import MatchControls


class CompareBar(QFrame):
    """One line of controls, each there only while it has something to control.

    Attributes
    ----------
    modes : dict of str to Adjuster
        The control of each way to show two pictures in one pane.
    gain : Adjuster
    match : MatchControls
    """

    def __init__(
        self, session: Session, panes: Panes, automatic: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._panes = panes
        how = panes.in_one
        self.modes = {
            BLINK: Adjuster(
                self.tr("Blink"),
                self.tr("How many pictures a second; Space held flips by hand (B ends)"),
                (SLOWEST_HZ, FASTEST_HZ),
                lambda rate: f"{rate:.1f} Hz",
                "10.0 Hz",
                logarithmic=True,
            ),
            SWIPE: Adjuster(
                self.tr("Swipe"),
                self.tr("Where the border is: drag it, double click centres it (S ends)"),
                (0.0, 1.0),
                lambda share: f"{100 * share:.0f} %",
                "100 %",
            ),
            BLEND: Adjuster(
                self.tr("Blend"),
                self.tr("How much of the pane's own picture lies over the other (T ends)"),
                (0.0, 1.0),
                lambda share: f"{100 * share:.0f} %",
                "100 %",
            ),
            CHECKERBOARD: Adjuster(
                self.tr("Squares"),
                self.tr("Side of a square in screen pixels (X ends)"),
                (float(SMALLEST_TILE), float(LARGEST_TILE)),
                lambda side: f"{side:.0f} px",
                "512 px",
                logarithmic=True,
                whole_steps=24,
            ),
        }
        self.modes[BLINK].adjusted.connect(how.set_rate)
        self.modes[SWIPE].adjusted.connect(how.set_divider)
        self.modes[BLEND].adjusted.connect(how.set_opacity)
        self.modes[CHECKERBOARD].adjusted.connect(lambda side: how.set_tile(round(side)))
        self._stack = QStackedWidget(self)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for adjuster in self.modes.values():
            self._stack.addWidget(adjuster)
        self.gain = Adjuster(
            self.tr("Gain"),
            self.tr("How much differences are amplified: the same on all panes ([ and ])"),
            (SMALLEST, LARGEST),
            formatting.gain,
            "×65536",
            logarithmic=True,
            whole_steps=20,
        )
        # The slider stands at whole doublings.
        self.gain.adjusted.connect(lambda gain: panes.gains.choose(2.0 ** round(math.log2(gain))))
        self.automatic = QToolButton(self)
        self.automatic.setDefaultAction(automatic)
        self.automatic.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.automatic.setAutoRaise(True)
        self.automatic.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.automatic.setAccessibleName(self.tr("Automatic gain"))
        self.match = MatchControls(session, panes, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 4, GRID, GRID // 4)
        layout.setSpacing(GRID)
        layout.addWidget(self._stack)
        layout.addWidget(self.gain)
        layout.addWidget(self.automatic)
        layout.addWidget(self.match, 1)
        self.setFixedHeight(max(self.match.sizeHint().height(), 30) + GRID // 2)
        panes.in_one.changed.connect(self._show)
        panes.in_one.adjusted.connect(self._show)
        panes.refilled.connect(self._show)
        self._show()

    def _show(self) -> None:
        how, gain = self._panes.in_one, self._panes.gains.first
        values = {
            BLINK: how.rate,
            SWIPE: how.divider,
            BLEND: how.opacity,
            CHECKERBOARD: float(how.tile),
        }
        self._stack.setVisible(bool(how.mode))
        if how.mode:
            self._stack.setCurrentWidget(self.modes[how.mode])
            self.modes[how.mode].show_value(values[how.mode])
        for widget in (self.gain, self.automatic):
            widget.setVisible(gain is not None)
        if gain is not None:
            self.gain.show_value(gain)

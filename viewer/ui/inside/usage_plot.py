"""How often each code is used, as bars."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from viewer.codecs.inspection import Usage
from viewer.ui.plot_style import SERIES, make_plot
from viewer.ui.theme import set_role

_FLOOR = -0.3
"""Where bars begin on the logarithmic axis: a code used once still has one."""


class UsagePlot(QWidget):
    """Counts on a logarithmic axis; codewords by how often they are used, codes by their value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = make_plot(self.tr("Code usage"), self.tr("times used"), "")
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(150)
        self.bars = pg.BarGraphItem(x=[], height=[], width=1, brush=SERIES[0], pen=None)
        self.plot.addItem(self.bars)
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        set_role(self.text, "quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.plot)
        layout.addWidget(self.text)

    def show_usage(self, usage: Usage) -> None:
        """Show other counts."""
        counts = usage.counts
        words = usage.code == "codeword"
        x = np.arange(counts.size)
        if words:
            counts = np.sort(counts)[::-1]
            label = self.tr("codewords, the most used first")
        else:
            x = x + usage.first
            label = self.tr("code (ends: and beyond)")
            if usage.code != "code in steps":
                label = usage.code
        there = counts > 0
        heights = np.log10(counts[there]) - _FLOOR
        width = 1.0 if words else 0.8
        self.bars.setOpts(x=x[there], height=heights, width=width, y0=_FLOOR)
        self.plot.setLabel("bottom", label)
        decades = int(np.ceil(np.log10(max(int(counts.max()), 10))))
        self.plot.getAxis("left").setTicks([[(n, f"{10**n:,}") for n in range(decades + 1)]])
        self.plot.setXRange(float(x[0]) - 0.5, float(x[-1]) + 0.5)
        self.plot.setYRange(_FLOOR, float(decades))
        total, size = int(counts.sum()), counts.size
        told = self.tr("{used} of {size} in use; {total} codes, {bits} bits each by their counts")
        self.text.setText(
            told.format(used=usage.used, size=size, total=f"{total:,}", bits=f"{usage.bits:.2f}")
        )
        self.setAccessibleDescription(self.text.text())

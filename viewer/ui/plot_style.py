"""How plots look: the theme's colours, quiet axes, both pictures always in the same colours."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from viewer.ui.space_key import leave_space
from viewer.ui.theme import theme

RECONSTRUCTION = "#ffb454"
"""Of the reconstruction; the original has the colour of text."""

SERIES = (
    "#5aa9ff", "#ffb454", "#7fd17f", "#d98cf0", "#ff7d7d", "#6fd8d8", "#d6c84a", "#c0c4c8",
    "#9f9fff", "#d2a679",
)  # fmt: skip
"""Colours of codecs, told apart by those who do not see red and green alike too: the symbols
differ as well."""
SYMBOLS = ("o", "s", "t", "d", "+", "x", "star", "p", "h", "t1")


class RateAxis(pg.AxisItem):
    """An axis that, where it is logarithmic, names 1, 2 and 5 of every decade alone."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return a text a tick; those between would run into each other."""
        texts = []
        for value in 10 ** np.array(values, dtype=float):
            digit = round(value / 10 ** np.floor(np.log10(value) + 1e-9), 3)
            texts.append(f"{value:.3g}" if digit in (1, 2, 5) else "")
        return texts


def make_plot(name: str, left: str, bottom: str) -> pg.PlotWidget:
    """Return an empty plot with labelled axes."""
    plot = pg.PlotWidget(background=theme().pane, axisItems={"bottom": RateAxis("bottom")})
    plot.setAccessibleName(name)
    leave_space(plot)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.showGrid(x=True, y=True, alpha=0.18)
    for side, text in (("left", left), ("bottom", bottom)):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme().line))
        axis.setTextPen(pg.mkPen(theme().quiet))
        axis.enableAutoSIPrefix(False)
        plot.setLabel(side, text, color=theme().quiet)
    return plot


def line_pen(colour: str, width: float = 1.4, *, dashed: bool = False) -> QPen:
    """Return a pen for a line of a plot."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return pg.mkPen(colour, width=width, style=style)

"""PSNR and SSIM against rate: a line a codec, the current coding marked, points to be clicked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.codecs import registry
from viewer.errors import RadviewError
from viewer.evaluation.rate_points import RatePoint, asked_text, curve
from viewer.ui import formatting
from viewer.ui.clipboard import picture_of
from viewer.ui.plot_style import SERIES, SYMBOLS, line_pen, make_plot
from viewer.ui.theme import GRID, theme


class CurvePlot(QWidget):
    """Two plots over the same rates."""

    chosen = Signal(object)
    """The `RatePoint` clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.psnr = make_plot(self.tr("PSNR against rate"), "PSNR (dB)", self.tr("bits per pixel"))
        self.ssim = make_plot(self.tr("SSIM against rate"), "SSIM", self.tr("bits per pixel"))
        self.ssim.setXLink(self.psnr)
        for plot in (self.psnr, self.ssim):
            plot.setLogMode(x=True, y=False)
            plot.setMouseEnabled(x=False, y=False)
        self._legend = self.psnr.addLegend(
            offset=(-8, -8), labelTextColor=theme().text, brush=theme().pane
        )
        self._points: tuple[RatePoint, ...] = ()
        self.lines: dict[tuple[str, str], pg.PlotDataItem] = {}
        """By codec and "psnr" or "ssim"."""
        self.marks = {
            which: plot.plot(
                pen=None, symbol="o", symbolSize=17, symbolBrush=None,
                symbolPen=line_pen(theme().text, 2),
            )
            for which, plot in (("psnr", self.psnr), ("ssim", self.ssim))
        }  # fmt: skip
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.psnr)
        layout.addWidget(self.ssim)

    def show_points(self, points: Sequence[RatePoint]) -> None:
        """Show other points; identical ones have no PSNR and stand in the plot of SSIM alone."""
        self._points = tuple(points)
        codecs = list(dict.fromkeys(p.codec for p in points))
        for codec, _ in list(self.lines):
            if codec not in codecs:
                self._drop(codec)
        for codec in codecs:
            line = curve(points, codec)
            for which in ("psnr", "ssim"):
                there = [p for p in line if value_of(p, which) is not None]
                self._line(codec, which).setData(
                    np.array([p.bpp for p in there]),
                    np.array([value_of(p, which) for p in there], dtype=np.float64),
                    data=there,
                )

    def show_current(self, point: RatePoint | None) -> None:
        """Ring the current coding."""
        for which, mark in self.marks.items():
            value = None if point is None else value_of(point, which)
            if point is None or value is None:
                mark.setData(np.empty(0), np.empty(0))
            else:
                mark.setData(np.array([point.bpp]), np.array([value]))

    def picture(self) -> QImage:
        """Return both plots as they are shown."""
        return picture_of(self)

    def told(self, point: RatePoint) -> str:
        """Return what is said of a point under the mouse."""
        figures = [f"{title_of(point.codec)}, {asked_text(point.target)}",
                   f"{formatting.ratio(point.ratio)}   {formatting.bits_per_pixel(point.bpp)}",
                   f"PSNR {formatting.decibels(point.psnr_db)}   "
                   f"SSIM {formatting.similarity(point.ssim)}",
                   self.tr("Click shows it.")]  # fmt: skip
        return "\n".join(figures)

    def _line(self, codec: str, which: str) -> pg.PlotDataItem:
        if (codec, which) not in self.lines:
            place = _place_of(codec)
            colour, symbol = SERIES[place % len(SERIES)], SYMBOLS[place % len(SYMBOLS)]
            plot = self.psnr if which == "psnr" else self.ssim
            item = plot.plot(
                pen=line_pen(colour, 1.6), symbol=symbol, symbolSize=9, symbolBrush=colour,
                symbolPen=line_pen(theme().pane, 1), name=title_of(codec),
            )  # fmt: skip
            item.scatter.opts["hoverable"] = True
            item.scatter.opts["tip"] = lambda x, y, data: self.told(data)
            item.sigPointsClicked.connect(self._on_clicked)
            self.lines[codec, which] = item
        return self.lines[codec, which]

    def _drop(self, codec: str) -> None:
        for which, plot in (("psnr", self.psnr), ("ssim", self.ssim)):
            item = self.lines.pop((codec, which), None)
            if item is not None:
                plot.removeItem(item)

    def _on_clicked(self, item: object, spots: Sequence[pg.SpotItem]) -> None:
        if len(spots):
            self.chosen.emit(spots[0].data())


def value_of(point: RatePoint, which: str) -> float | None:
    """Return a point's PSNR or SSIM where it can be drawn."""
    value = point.psnr_db if which == "psnr" else point.ssim
    return value if value is not None and math.isfinite(value) else None


def title_of(codec: str) -> str:
    """Return a codec's name as shown; its key where it is not here."""
    try:
        return registry.get(codec).info.title
    except (RadviewError, ImportError):
        return codec


def _place_of(codec: str) -> int:
    """The place of a codec in the registry gives its colour, whichever are shown."""
    names = registry.names()
    return names.index(codec) if codec in names else len(names)

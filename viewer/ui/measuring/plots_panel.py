"""The dock with the plot of the selected measurement: its profile, or its histogram."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from viewer.metrics.measuring.measured import TITLES, Measured, Measurement
from viewer.metrics.measuring.scale import value_unit
from viewer.metrics.measuring.statistics import Histogram
from viewer.session.session import Session
from viewer.ui.clipboard import CopyMenu
from viewer.ui.key_hints import KEY_HINTS, keyed
from viewer.ui.plot_style import RECONSTRUCTION, line_pen, make_plot
from viewer.ui.theme import GRID, set_role, theme


class PlotsPanel(QWidget):
    """Follows the selection; without one, the latest profile or region of the image."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._measuring = session.measuring
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        set_role(self.title, "quiet")
        self.plot = make_plot(self.tr("Profile or histogram"), "", "")
        self._legend = self.plot.addLegend(offset=(-8, 8), labelTextColor=theme().text)
        first = line_pen(theme().text)
        second = line_pen(RECONSTRUCTION, dashed=True)
        self.original = self.plot.plot(pen=first, name=self.tr("Original"))
        self.reconstruction = self.plot.plot(pen=second, name=self.tr("Reconstruction"))
        self._shown: tuple[int, Measured] | None = None
        self._menu = CopyMenu(self.plot, table=self.as_tsv)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, 0, GRID, GRID)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.title)
        layout.addWidget(self.plot, 1)
        self._measuring.changed.connect(self._show)
        self._measuring.measured.connect(lambda _: self._show())
        KEY_HINTS.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        """Leave the room to the pictures."""
        return QSize(600, 190)

    def as_tsv(self) -> str:
        """Return what is plotted as a table."""
        if self._shown is None:
            return ""
        curve, bars = self._shown[1].profile, self._shown[1].histogram
        if curve is not None:
            head = f"distance ({curve.unit})"
            columns = [curve.distance, curve.original, curve.reconstruction]
        elif bars is not None:
            head = "value from"
            again = bars.reconstruction
            columns = [
                bars.edges[:-1],
                bars.original.astype(np.float64),
                None if again is None else again.astype(np.float64),
            ]
        else:
            return ""
        names = [head, "original", "reconstruction"]
        kept = [(n, c) for n, c in zip(names, columns, strict=True) if c is not None]
        lines = ["\t".join(name for name, _ in kept)]
        lines += [
            "\t".join(f"{float(v):.8g}" for v in row)
            for row in zip(*(column for _, column in kept), strict=True)
        ]
        return "\n".join(lines) + "\n"

    def _chosen(self) -> Measurement | None:
        there = [m for m in self._measuring.measurements if _is_plotted(m)]
        chosen = [m for m in there if m.number == self._measuring.selected]
        found = chosen or there
        return found[-1] if found else None

    def _show(self) -> None:
        measurement = self._chosen()
        measured = None if measurement is None else self._measuring.result(measurement.number)
        if measurement is None:
            self._shown = None
            self._draw(np.empty(0), np.empty(0), None, steps=False)
            text = self.tr(
                "Draw a profile line ({profile}) or a region ({ellipse}, {freehand}, {rectangle}): "
                "it is plotted here."
            )
            self.title.setText(keyed(text))
            return
        if measured is None or self._shown == (measurement.number, measured):
            return
        self._shown = (measurement.number, measured)
        header = self._session.header
        unit = "" if header is None else value_unit(header)
        self.title.setText(f"{measurement.name}  {self.tr(TITLES[measurement.shape.kind])}")
        if measured.profile is not None:
            curve = measured.profile
            self._name_axes(unit, f"{self.tr('Distance')} ({curve.unit})")
            self._draw(curve.distance, curve.original, curve.reconstruction, steps=False)
        elif measured.histogram is not None:
            bars: Histogram = measured.histogram
            self._name_axes(self.tr("Pixels"), unit)
            self._draw(bars.edges, bars.original, bars.reconstruction, steps=True)

    def _name_axes(self, left: str, bottom: str) -> None:
        self.plot.setLabel("left", left, color=theme().quiet)
        self.plot.setLabel("bottom", bottom, color=theme().quiet)

    def _draw(
        self, x: np.ndarray, first: np.ndarray, second: np.ndarray | None, *, steps: bool
    ) -> None:
        mode = "center" if steps and len(x) else None
        pairs = ((self.original, first, True), (self.reconstruction, second, second is not None))
        for item, values, there in pairs:
            empty = not there or values is None or not len(x)
            item.setData(
                np.empty(0) if empty else x,
                np.empty(0) if empty else np.asarray(values, dtype=np.float64),
                stepMode=None if empty else mode,
            )
            item.setVisible(not empty)
        self.plot.getPlotItem().enableAutoRange(pg.ViewBox.XYAxes)


def _is_plotted(measurement: Measurement) -> bool:
    return measurement.shape.is_region or measurement.shape.kind == "profile"

"""The curves dock in the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from viewer.errors import RadviewError
from viewer.files import write_text
from viewer.ui.curves.curve_page import CurvePage
from viewer.ui.curves.ratio_bar import RatioBar
from viewer.ui.curves.table_page import TablePage
from viewer.ui.docks import add_dock
from viewer.ui.theme import GRID

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.ui.main_window import MainWindow

_KINDS = {
    "png": "Picture (*.png)",
    "csv": "Table (*.csv)",
    "json": "CompressAI results (*.json)",
}


class CurvesPanel(QWidget):
    """Two pages above the bar of published ratios."""

    def __init__(self, curve: CurvePage, table: TablePage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QTabWidget(self)
        self.pages.setDocumentMode(True)
        self.pages.addTab(curve, self.tr("This image"))
        self.pages.addTab(table, self.tr("All images open"))
        self.bar = RatioBar(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, GRID // 2)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.bar)

    def sizeHint(self) -> QSize:
        """Room for a plot that can be read."""
        return QSize(700, 330)


class CurvesParts(QObject):
    """What curves add to a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.curve = CurvePage(window.session)
        self.table = TablePage(window.session)
        self.panel = CurvesPanel(self.curve, self.table)
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        self.dock = add_dock(window, self.tr("Curves"), "curves", self.panel, area, shown=False)
        self.curve.save_asked.connect(self._save_curve)
        self.table.save_asked.connect(self._save_table)
        window.actions_by_key.on("report", window.dialogs.report)
        window.session.comparison_changed.connect(self._on_comparison)

    def _on_comparison(self, comparison: Comparison | None) -> None:
        self.panel.bar.show_ratio(None if comparison is None else comparison.ratio_stored)

    def _save_curve(self, kind: str) -> None:
        path = self._window.dialogs.ask(self.tr("Export curve"), f"curve.{kind}", _KINDS[kind])
        if path is not None:
            self._try(lambda: self.curve.save(path, kind))

    def _save_table(self) -> None:
        path = self._window.dialogs.ask(self.tr("Export table"), "table.csv", _KINDS["csv"])
        if path is not None:
            self._try(lambda: write_text(path, self.table.as_text(",")))

    def _try(self, write: object) -> None:
        assert callable(write)
        try:
            write()
        except RadviewError as error:
            self._window.banner.say(str(error))

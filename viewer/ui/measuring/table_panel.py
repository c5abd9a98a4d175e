"""The dock with all measurements of the image: original, reconstruction, difference."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.metrics.measuring import texts
from viewer.metrics.measuring.measured import TITLES, Measured, Measurement, Quantity
from viewer.session.measuring import Measuring
from viewer.ui.clipboard import CopyMenu, copy_text
from viewer.ui.key_hints import keep, keyed
from viewer.ui.space_key import leave_space
from viewer.ui.theme import GRID, set_role, tabular

_NUMBER = Qt.ItemDataRole.UserRole
_HINT = (
    "Draw with {length} length, {angle} angle, {cobb} Cobb angle, {rectangle} rectangle, {ellipse} "
    "ellipse, {freehand} free-hand, {profile} profile, {probe} value: on any pane, in both "
    "pictures at once."
)


class MeasurementsPanel(QWidget):
    """A line a figure below a line a measurement; selecting one selects it on the image.

    Signals
    -------
    csv_asked, sr_asked
        The user wants the table in a file, as CSV or as a DICOM structured report.
    """

    csv_asked = Signal()
    sr_asked = Signal()

    def __init__(
        self, measuring: Measuring, delete: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._measuring = measuring
        self.table = QTreeWidget(self)
        self.table.setAccessibleName(self.tr("Measurements"))
        self.table.setColumnCount(5)
        self.table.setHeaderLabels(
            [self.tr(t) for t in ("Figure", "Original", "Reconstruction", "Difference", "  Unit")]
        )
        self.table.setUniformRowHeights(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setFont(tabular(self.table.font()))
        header = self.table.header()
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(4):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (1, 2, 3):
            self.table.headerItem().setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setAccessibleName(self.tr("What lengths are measured in"))
        set_role(self.note, "quiet")
        self.copy = QPushButton(self.tr("Copy"), self)
        self.copy.setToolTip(self.tr("Copy the table as TSV for a spreadsheet"))
        self.csv = QPushButton(self.tr("CSV …"), self)
        self.csv.setToolTip(self.tr("Write the table as CSV (Ctrl+Alt+V)"))
        self.sr = QPushButton(self.tr("DICOM SR …"), self)
        self.sr.setToolTip(self.tr("Write the measurements as a structured report (Ctrl+Alt+S)"))
        self.delete = QPushButton(self.tr("Delete"), self)
        self.delete.setToolTip(self.tr("Take the selected measurement away (Del)"))
        self.buttons = (self.copy, self.csv, self.sr, self.delete)
        self._lay_out()
        self.copy.clicked.connect(lambda: copy_text(self.as_tsv()))
        self.csv.clicked.connect(self.csv_asked)
        self.sr.clicked.connect(self.sr_asked)
        self.delete.clicked.connect(lambda: delete())
        self._menu = CopyMenu(self.table, table=self.as_tsv)
        leave_space(self.table)
        self.table.itemSelectionChanged.connect(self._on_selected)
        measuring.changed.connect(self._show)
        measuring.measured.connect(self._show_one)
        keep(self, self._show)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.note, 1)
        for button in self.buttons:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, 0, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)

    def sizeHint(self) -> QSize:
        """Leave the room to the pictures."""
        return QSize(600, 190)

    def rows(self) -> list[tuple[str, ...]]:
        """Return all figures at hand, a row each, unrounded."""
        return texts.rows(self._measuring.measurements, self._measuring.results())

    def as_tsv(self) -> str:
        """Return the table for the clipboard."""
        return texts.as_tsv(self.rows())

    def _show(self) -> None:
        measurements = self._measuring.measurements
        there = [_number(item) for item in self._items()]
        with QSignalBlocker(self.table):
            if there != [m.number for m in measurements]:
                self._rebuild(measurements)
            for item, measurement in zip(self._items(), measurements, strict=True):
                self._fill(item, measurement)
            self._select()
        for button in (self.copy, self.csv, self.sr):
            button.setEnabled(bool(measurements))
        self.delete.setEnabled(self._measuring.selected is not None)
        if not measurements:
            self.note.setText(keyed(self.tr(_HINT)))

    def _rebuild(self, measurements: tuple[Measurement, ...]) -> None:
        folded = {_number(item) for item in self._items() if not item.isExpanded()}
        self.table.clear()
        for measurement in measurements:
            item = QTreeWidgetItem(self.table)
            item.setData(0, _NUMBER, measurement.number)
            item.setExpanded(measurement.number not in folded)

    def _show_one(self, number: int) -> None:
        measurement = self._measuring.get(number)
        for item in self._items():
            if measurement is not None and _number(item) == number:
                self._fill(item, measurement)

    def _fill(self, item: QTreeWidgetItem, measurement: Measurement) -> None:
        measured = self._measuring.result(measurement.number)
        name = f"{measurement.name}  {self.tr(TITLES[measurement.shape.kind])}"
        item.setText(0, name)
        if measured is None:  # what is there is dimmed, never left looking current
            for child in _children(item):
                child.setDisabled(True)
            return
        for child in _children(item)[len(measured.quantities) :]:
            item.removeChild(child)
        for index, quantity in enumerate(measured.quantities):
            child = item.child(index) or QTreeWidgetItem(item)
            child.setDisabled(False)
            self._fill_quantity(child, quantity, measured)
        self.note.setText(measured.scale.note)

    def _fill_quantity(self, item: QTreeWidgetItem, quantity: Quantity, measured: Measured) -> None:
        again = quantity.reconstruction if measured.compared else None
        shown = (
            self.tr(quantity.title),
            texts.figure(quantity, quantity.original),
            texts.figure(quantity, again),
            texts.difference(quantity),
            f"  {quantity.unit}",
        )
        for column, text in enumerate(shown):
            if item.text(column) != text:
                item.setText(column, text)
            if 0 < column < 4:
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )

    def _select(self) -> None:
        self.table.clearSelection()
        for item in self._items():
            if _number(item) == self._measuring.selected:
                item.setSelected(True)
                self.table.scrollToItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.table.topLevelItem(i) for i in range(self.table.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _on_selected(self) -> None:
        chosen = self.table.selectedItems()
        if chosen:
            item = chosen[0].parent() or chosen[0]
            self._measuring.select(_number(item))


def _number(item: QTreeWidgetItem) -> int:
    return int(item.data(0, _NUMBER))


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(i) for i in range(item.childCount()))
    return [child for child in found if child is not None]

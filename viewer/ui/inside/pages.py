"""The pages of the Look inside dock: maps, pictures of parts, code usage, where the bytes went."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.codecs.inspection import CodeMap, Inside
from viewer.session.inspecting import Inspecting
from viewer.ui import formatting
from viewer.ui.clipboard import CopyMenu
from viewer.ui.inside.colours import scale
from viewer.ui.inside.usage_plot import UsagePlot
from viewer.ui.space_key import leave_space
from viewer.ui.theme import GRID, set_role, tabular

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _page(parent: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(12, GRID, 12, GRID)
    layout.setSpacing(GRID)
    return layout


def _table(parent: QWidget, titles: list[str], name: str) -> QTreeWidget:
    table = QTreeWidget(parent)
    table.setAccessibleName(name)
    table.setHeaderLabels(titles)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setFont(tabular(table.font()))
    header = table.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in range(1, len(titles)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    leave_space(table)
    return table


class MapPage(QWidget):
    """Which map lies over the original, how strongly, and what its colours stand for."""

    map_changed = Signal(object)
    """A `CodeMap`, or None."""
    opacity_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice, self.opacity = QComboBox(self), QSlider(Qt.Orientation.Horizontal, self)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(70)
        self.scale, self.tip, self.under_cursor = QLabel(self), QLabel(self), QLabel(self)
        for label in (self.tip, self.under_cursor):
            label.setWordWrap(True)
        self.under_cursor.setFont(tabular(self.under_cursor.font()))
        set_role(self.tip, "quiet")
        tips = {
            self.choice: self.tr("The map that lies over the original"),
            self.opacity: self.tr("How strongly the map covers the image"),
        }
        for control, tip in tips.items():
            control.setToolTip(tip)
            control.setAccessibleName(tip)
        form = QFormLayout()
        form.addRow(self.tr("Map"), self.choice)
        form.addRow(self.tr("Opacity"), self.opacity)
        layout = _page(self)
        layout.addLayout(form)
        for label in (self.scale, self.tip, self.under_cursor):
            layout.addWidget(label)
        layout.addStretch(1)
        self._wanted = "bits"
        self._maps: dict[str, CodeMap] = {}
        self.choice.activated.connect(lambda _: self._on_chosen())
        self.opacity.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))

    @property
    def map(self) -> CodeMap | None:
        """The map chosen."""
        return self._maps.get(self._wanted)

    def show_inside(self, inside: Inside | None) -> None:
        """Offer other maps; the one chosen stays so where it is among them."""
        self._maps = {} if inside is None else {each.key: each for each in inside.maps}
        self.choice.clear()
        if self._maps:
            self.choice.addItem(self.tr("None"), "")
        for key, each in self._maps.items():
            self.choice.addItem(each.title, key)
        if self._wanted and self._wanted not in self._maps and self._maps:
            self._wanted = next(iter(self._maps))
        self.choice.setCurrentIndex(max(self.choice.findData(self._wanted), 0))
        self._show_map()

    def choose(self, key: str) -> None:
        """Choose a map, "" for none."""
        self.choice.setCurrentIndex(max(self.choice.findData(key), 0))
        self._on_chosen()

    def show_cursor(self, cursor: tuple[int, int] | None) -> None:
        """Say what the map has under the mouse."""
        code_map, value = self.map, ""
        if code_map is not None and cursor is not None:
            row, column = cursor[1] // code_map.cell, cursor[0] // code_map.cell
            number = float(code_map.plane[row, column])
            plain = f"{number:.0f}" if code_map.unit == "codeword" else formatting.figure(number)
            value = f"{plain} {code_map.unit}"
        text = self.tr("Under the cursor: {}").format(value or formatting.NONE)
        self.under_cursor.setText(text if code_map is not None else "")

    def renew_scale(self) -> None:
        """Draw the scale again, for another theme."""
        code_map = self.map
        if code_map is not None and not code_map.counted:
            self.scale.setPixmap(scale(code_map, self.devicePixelRatioF()))

    def _on_chosen(self) -> None:
        self._wanted = str(self.choice.currentData() or "")
        self._show_map()

    def _show_map(self) -> None:
        code_map = self.map
        self.scale.setVisible(code_map is not None and not code_map.counted)
        self.renew_scale()
        area = ""
        if code_map is not None:
            area = self.tr("a place is {0} × {0} pixels").format(code_map.cell)
        self.tip.setText("" if code_map is None else f"{code_map.tip}; {area}.")
        self.choice.setEnabled(bool(self._maps))
        self.opacity.setEnabled(code_map is not None)
        self.show_cursor(None)
        self.map_changed.emit(code_map)


class PicturePage(QWidget):
    """The pictures of parts of the bitstream, with what each takes and gives."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = [self.tr("Decoded"), self.tr("Bytes"), self.tr("PSNR")]
        self.table = _table(self, titles, self.tr("Pictures of parts of the bitstream"))
        self.to_panes = QPushButton(self.tr("On the panes"), self)
        self.to_panes.setToolTip(self.tr("Original, this part, and what it lacks, side by side"))
        self.to_panes.setAccessibleName(self.tr("Show the part on the panes"))
        layout = _page(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.to_panes)
        self.table.currentItemChanged.connect(self._on_current)
        self._menu = CopyMenu(self.table, table=self.as_tsv)

    def show_inside(self, inside: Inside | None) -> None:
        """List other pictures."""
        self.table.blockSignals(True)
        self.table.clear()
        for choice in () if inside is None else inside.choices:
            count = choice.byte_count
            size = formatting.NONE if count is None else formatting.size(round(count))
            item = QTreeWidgetItem(self.table, [choice.title, size, formatting.NONE])
            item.setData(0, Qt.ItemDataRole.UserRole, choice.key)
            item.setToolTip(0, choice.tip)
            for column in (1, 2):
                item.setTextAlignment(column, _RIGHT)
        self.table.blockSignals(False)
        self.to_panes.setEnabled(inside is not None and bool(inside.choices))

    def show_pictures(self, inspecting: Inspecting) -> None:
        """Fill in what is decoded by now."""
        for item in self._items():
            there = inspecting.pictures.get(item.data(0, Qt.ItemDataRole.UserRole))
            if there is not None:
                item.setText(2, formatting.decibels(there.psnr_db))

    def show_chosen(self, key: str) -> None:
        """Mark the picture chosen."""
        for item in self._items():
            if item.data(0, Qt.ItemDataRole.UserRole) == key:
                self.table.setCurrentItem(item)

    def as_tsv(self) -> str:
        """Return the table for the clipboard."""
        lines = ["Decoded\tBytes\tPSNR"]
        lines += ["\t".join(item.text(column) for column in range(3)) for item in self._items()]
        return "\n".join(lines) + "\n"

    def _items(self) -> list[QTreeWidgetItem]:
        rows = range(self.table.topLevelItemCount())
        return [item for row in rows if (item := self.table.topLevelItem(row)) is not None]

    def _on_current(self, item: QTreeWidgetItem | None, _: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(0, Qt.ItemDataRole.UserRole)))


class UsagePage(QWidget):
    """How often each code occurs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(self.tr("Codes that are counted"))
        self.choice.setToolTip(self.tr("Codes that are counted"))
        self.plot = UsagePlot(self)
        layout = _page(self)
        layout.addWidget(self.choice)
        layout.addWidget(self.plot)
        layout.addStretch(1)
        self._inside: Inside | None = None
        self.choice.activated.connect(lambda _: self._show())

    def show_inside(self, inside: Inside | None) -> None:
        """Offer other counts."""
        before = self.choice.currentText()
        self._inside = inside
        self.choice.clear()
        for usage in () if inside is None else inside.usage:
            self.choice.addItem(usage.title)
        self.choice.setCurrentIndex(max(self.choice.findText(before), 0))
        self._show()

    def _show(self) -> None:
        number = self.choice.currentIndex()
        if self._inside is not None and 0 <= number < len(self._inside.usage):
            self.plot.show_usage(self._inside.usage[number])


class SharePage(QWidget):
    """The parts of the bitstream and their bytes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = [self.tr("Part"), self.tr("Bytes"), self.tr("Share")]
        self.table = _table(self, titles, self.tr("Where the bytes went"))
        layout = _page(self)
        layout.addWidget(self.table)

    def show_inside(self, inside: Inside | None) -> None:
        """List other parts."""
        self.table.clear()
        shares = () if inside is None else inside.shares
        total = sum(share.bits for share in shares)
        for share in shares:
            texts = [share.title, f"{share.bits / 8:,.0f}", f"{100 * share.bits / total:.1f} %"]
            item = QTreeWidgetItem(self.table, texts)
            for column in (1, 2):
                item.setTextAlignment(column, _RIGHT)

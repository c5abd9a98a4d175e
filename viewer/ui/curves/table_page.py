"""The table of the paper over all images open: a line a codec and rate."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.evaluation.folder_table import COLUMNS, TableLine
from viewer.session.session import Session
from viewer.ui.clipboard import CopyMenu
from viewer.ui.curves.codec_checks import CodecChecks
from viewer.ui.curves.curve_plot import title_of
from viewer.ui.key_hints import keep_tip
from viewer.ui.space_key import leave_space
from viewer.ui.theme import GRID, set_role, tabular

_SIDE = 184
_RATES = (2 / 3, 0.5, 1 / 3, 0.25, 0.1)
"""Bits per pixel; the first is the paper's 24 : 1 against 16 bits."""
_PATCHES = (0, 500, 2000, 10_000)


class TablePage(QWidget):
    """Ratio, PSNR, SSIM and Frechet distance as means over the images open."""

    save_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sweeping = session.sweeping
        self.codecs = CodecChecks(("jpeg2000", session.coding.codec), self)
        self.codecs.setFixedWidth(_SIDE)
        self.rate = QComboBox(self)
        self.rate.setAccessibleName(self.tr("Bits per pixel"))
        for rate in _RATES:
            self.rate.addItem(
                self.tr("{:.3g} bpp   ({:.0f} : 1 of 16 bit)").format(rate, 16 / rate), rate
            )
        self.patches = QComboBox(self)
        self.patches.setAccessibleName(self.tr("Patches for the Frechet distance"))
        self.patches.setToolTip(
            self.tr("Patches of 299 × 299 for the Frechet distance; papers take 10,000")
        )
        for count in _PATCHES:
            title = self.tr("no Frechet distance") if not count else f"Frechet, {count} patches"
            self.patches.addItem(title, count)
        self.start_button = QPushButton(self.tr("Tabulate"), self)
        self.start_button.setProperty("primary", True)
        self.start_button.setToolTip(self.tr("Code every grey image that is open"))
        self.stop = QPushButton(self.tr("Stop"), self)
        keep_tip(self.stop, self.tr("Stop; the lines that are done stay ({cancel})"))
        self.save = QPushButton(self.tr("CSV …"), self)
        self.save.setToolTip(self.tr("Write the table as CSV"))
        self.table = QTableWidget(0, len(COLUMNS), self)
        self.table.setAccessibleName(self.tr("Table of the open folder"))
        self.table.setHorizontalHeaderLabels([self.tr(c) for c in COLUMNS])
        self.table.setFont(tabular(self.table.font()))
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        set_role(self.note, "quiet")
        self._menu = CopyMenu(self.table, table=self.as_tsv)
        leave_space(self.table)
        self._lay_out()
        self.start_button.clicked.connect(self.start)
        self.stop.clicked.connect(self._sweeping.cancel)
        self.save.clicked.connect(self.save_asked)
        self._sweeping.line_ready.connect(self._add)
        self._sweeping.busy_changed.connect(lambda _: self._enable())
        self.codecs.changed.connect(self._enable)
        session.library_changed.connect(self._enable)
        self._enable()

    def _lay_out(self) -> None:
        choices = QFormLayout()
        choices.setContentsMargins(0, 0, 0, 0)
        for box in (self.rate, self.patches):
            box.setMaximumWidth(_SIDE)
            choices.addRow(box)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID // 2)
        for button in (self.start_button, self.stop):
            buttons.addWidget(button, 1)
        side = QVBoxLayout()
        side.setSpacing(GRID)
        side.addWidget(self.codecs, 1)
        side.addLayout(choices)
        side.addLayout(buttons)
        side.addWidget(self.save)
        for button in (self.start_button, self.stop, self.save):
            button.setMaximumWidth(_SIDE)
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addWidget(self.table, 1)
        right.addWidget(self.note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, 0)
        layout.setSpacing(GRID)
        layout.addLayout(side)
        layout.addLayout(right, 1)

    def start(self) -> None:
        """Make the table anew."""
        self.table.setRowCount(0)
        self.note.clear()
        rate = float(self.rate.currentData())
        wanted = [(name, _target(name, rate)) for name in self.codecs.chosen]
        self._sweeping.start_table(
            self._headers(), wanted, int(self.patches.currentData()), self._session.coding.device
        )

    def as_text(self, between: str) -> str:
        """Return the table as CSV or, with tabs, for the clipboard."""
        rows = [COLUMNS, *(line.texts() for line in self._sweeping.lines)]
        return "".join(between.join(_quoted(t, between) for t in row) + "\n" for row in rows)

    def as_tsv(self) -> str:
        """Return the table for the clipboard."""
        return self.as_text("\t")

    def _headers(self) -> list:  # type: ignore[type-arg]
        """Files that are open; what an archive holds was coded before and is no original."""
        return [h for h in self._session.library.headers if h.samples == 1 and h.path.is_file()]

    def _add(self, line: TableLine) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate(line.texts()):
            item = QTableWidgetItem(title_of(line.codec) if column == 0 else text)
            if column > 1:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if line.notes:
                item.setToolTip("\n".join(line.notes))
            self.table.setItem(row, column, item)
        notes = list(dict.fromkeys(note for each in self._sweeping.lines for note in each.notes))
        if line.patches:
            notes.insert(0, self.tr("Frechet distance over {n} patches.").format(n=line.patches))
        more = f" (+ {len(notes) - 2})" if len(notes) > 2 else ""
        self.note.setText(" ".join(notes[:2]) + more)
        self._enable()

    def _enable(self) -> None:
        idle, count = not self._sweeping.busy, len(self._headers())
        self.start_button.setEnabled(idle and count > 0 and bool(self.codecs.chosen))
        self.stop.setEnabled(not idle)
        self.save.setEnabled(bool(self._sweeping.lines))
        if not self._sweeping.lines and idle:
            self.note.setText(
                self.tr("{n} grey images are open.").format(n=count)
                if count
                else self.tr("Open a folder of images to tabulate codecs over it.")
            )


def _target(name: str, rate: float) -> Target:
    """Return what a codec is asked for to come near a rate."""
    info = registry.get(name).info
    if "bpp" in info.targets:
        if info.rates_bpp:
            rate = min(info.rates_bpp, key=lambda known: abs(known - rate))
        return Target("bpp", rate)
    if "quality" in info.targets:
        return Target("quality", 50.0)
    return Target("lossless" if "lossless" in info.targets else info.targets[0])


def _quoted(text: str, between: str) -> str:
    return f'"{text}"' if between in text else text

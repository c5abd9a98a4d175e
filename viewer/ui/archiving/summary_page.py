"""What a run came to: figures, the worst images to look at, files in no archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewer.archive.many.pace import in_units
from viewer.archive.many.report import Report, report_of
from viewer.session.identities import Identities
from viewer.ui.archiving.worst_table import NAME, WorstModel
from viewer.ui.theme import GRID, set_role, tabular

if TYPE_CHECKING:
    from viewer.archive.many.summary import ManySummary

_MOST_BAD = 500


class SummaryPage(QWidget):
    """Opens an image of the list by double click or Return."""

    image_asked = Signal(object, object)
    """The folder of its archive, and an `ImageRow`."""
    again_asked = Signal()
    save_asked = Signal()

    def __init__(self, identities: Identities, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identities = identities
        self._summary: ManySummary | None = None
        self._report: Report | None = None
        self.title = QLabel(self)
        self.title.setFont(tabular(self.title.font(), points=5, bold=True))
        self.figures = QLabel(self)
        self.figures.setFont(tabular(self.figures.font()))
        self.figures.setWordWrap(True)
        self.notices = QLabel(self)
        self.notices.setWordWrap(True)
        set_role(self.notices, "quiet")
        self.worst_title = QLabel(self)
        self.model = WorstModel()
        self.worst = QTableView(self)
        self.worst.setModel(self.model)
        self.worst.setAccessibleName(self.tr("The images that lost most"))
        self.worst.setFont(tabular(self.worst.font()))
        self.worst.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.worst.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.worst.setShowGrid(False)
        self.worst.verticalHeader().hide()
        head = self.worst.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.bad_title = QLabel(self)
        set_role(self.bad_title, "failure")
        self.bad = QListWidget(self)
        self.bad.setAccessibleName(self.tr("Files that are in no archive"))
        self.bad.setWordWrap(True)
        self.bad.setMaximumHeight(120)
        self.bad.setStyleSheet("QListView { background: palette(base); }")
        self.look = QPushButton(self.tr("&Look at it"), self)
        self.look.setToolTip(self.tr("Original and archived image side by side (Return)"))
        self.save = QPushButton(self.tr("Save &table …"), self)
        self.save.setToolTip(self.tr("The figures of every image as CSV or JSON"))
        self.again = QPushButton(self.tr("&New run …"), self)
        self._lay_out()
        self.worst.activated.connect(self._on_activated)
        self.worst.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.look.clicked.connect(lambda: self._on_activated(self.worst.currentIndex()))
        self.save.clicked.connect(self.save_asked)
        self.again.clicked.connect(self.again_asked)
        identities.changed.connect(lambda _: self._fill())

    def show_summary(self, summary: ManySummary) -> None:
        """Show what a run came to."""
        self._summary, self._report = summary, report_of(summary)
        self._fill()

    def show_report(self, report: Report) -> None:
        """Show what an earlier run came to."""
        self._summary, self._report = None, report
        self._fill()

    def as_text(self, path: Path) -> str:
        """Return the tables for a file: JSON where its name says so, else CSV."""
        assert self._summary is not None
        if path.suffix.lower() == ".json":
            return json.dumps(self._summary.as_dict(), indent=1) + "\n"
        return self._summary.as_csv()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.look)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.again)
        for button in (self.look, self.save, self.again):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for widget in (self.title, self.figures, self.notices, self.worst_title):
            layout.addWidget(widget)
        layout.addWidget(self.worst, 1)
        layout.addWidget(self.bad_title)
        layout.addWidget(self.bad)
        layout.addLayout(buttons)

    def _fill(self) -> None:
        report = self._report
        if report is None:
            return
        hidden = self._identities.hidden
        self.title.setText(
            self.tr("{studies} studies, {images} images archived").format(
                studies=report.studies, images=report.images
            )
        )
        self.figures.setText("\n".join(self._lines(report)))
        self.notices.setText("" if hidden else "\n".join(report.notices[:4]))
        self.notices.setVisible(bool(self.notices.text()))
        self.model.show_rows(list(report.worst), hidden=hidden)
        self.worst_title.setText(
            self.tr("Worst images: open one to see original and archived side by side")
            if report.worst
            else self.tr("Every image is exact: nothing was lost.")
        )
        self.worst.setVisible(bool(report.worst))
        if report.worst:
            self.worst.selectRow(0)
        self._fill_bad(report, hidden)
        self._enable()

    def _lines(self, report: Report) -> list[str]:
        saved = report.source_bytes - report.archive_bytes
        share = f" ({100 * saved / report.source_bytes:.0f} %)" if report.source_bytes else ""
        lines = [
            f"{in_units(report.source_bytes)} → {in_units(report.archive_bytes)}: "
            f"{in_units(abs(saved))} {self.tr('saved') if saved >= 0 else self.tr('more')}{share}"
            f" · {report.images_per_second:.2f} {self.tr('images/s')}",
        ]
        if report.studies_finished_before:
            lines.append(
                self.tr("{n} studies were finished before.").format(
                    n=report.studies_finished_before
                )
            )
        if report.gated:
            lines.append(
                self.tr(
                    "{coded_again} images missed the quality gate and were coded again; "
                    "{exact} are exact."
                ).format(coded_again=report.coded_again, exact=report.exact)
            )
        return lines

    def _fill_bad(self, report: Report, hidden: bool) -> None:
        bad = report.bad
        self.bad.clear()
        for each in bad[:_MOST_BAD]:
            path = Path(each.path)
            copied = self.tr(" Copied as it is.") if each.copy else ""
            text = self._identities.said(f"{each.path}: {each.reason}", path)
            self.bad.addItem((each.reason if not hidden else text) + copied)
        self.bad_title.setText(
            self.tr("One file is in no archive:")
            if len(bad) == 1
            else self.tr("{n} files are in no archive:").format(n=len(bad))
        )
        self.bad_title.setVisible(bool(bad))
        self.bad.setVisible(bool(bad))

    def _on_activated(self, index: QModelIndex) -> None:
        if index.isValid() and self._report is not None:
            self.image_asked.emit(self._report.folder, self.model.rows[index.row()])

    def _enable(self) -> None:
        self.look.setEnabled(self.worst.currentIndex().isValid() and bool(self.model.rows))
        self.save.setEnabled(self._summary is not None)

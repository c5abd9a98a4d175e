"""The table of a lesson: what the codings of its steps came to."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from viewer.session.lessons.files import FIGURES, Lesson
from viewer.ui.theme import tabular

_MOST_ROWS_SEEN = 7


def _tr(text: str) -> str:
    return QCoreApplication.translate("LessonFigures", text)


def _titles() -> dict[str, str]:
    names = (_tr("Ratio"), _tr("Rate"), "PSNR", "SSIM", "MS-SSIM", _tr("Max error"), _tr("Size"))
    return dict(zip(FIGURES, names, strict=True))


class LessonFigures(QTableWidget):
    """A line a step that asked for figures; those of the step shown are chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Figures so far"))
        self.setFont(tabular(self.font()))
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.hide()

    def show_rows(self, lesson: Lesson, rows: dict[int, dict[str, str]], place: int) -> None:
        """Show the figures of a lesson so far."""
        self.setVisible(bool(rows))
        titles = _titles()
        columns = [name for name in FIGURES if any(name in row for row in rows.values())]
        self.setColumnCount(len(columns))
        self.setRowCount(len(rows))
        self.setHorizontalHeaderLabels([titles[name] for name in columns])
        self.clearSelection()
        for line, step in enumerate(sorted(rows)):
            for column, name in enumerate(columns):
                item = QTableWidgetItem(rows[step].get(name, ""))
                item.setToolTip(lesson.steps[step].title)
                self.setItem(line, column, item)
            if step == place:
                self.selectRow(line)
        head = self.horizontalHeader().sizeHint().height()
        seen = sum(self.rowHeight(row) for row in range(min(len(rows), _MOST_ROWS_SEEN)))
        bar = self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(head + seen + bar + 2)

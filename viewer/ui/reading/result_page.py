"""What a reading found: a row a coding with its interval, and the tables as files."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.evaluation.reading.record import Reading
from viewer.evaluation.reading.summary import Line, summarise
from viewer.ui import formatting
from viewer.ui.reading.naming import candidate_title
from viewer.ui.theme import GRID, set_role, tabular


class ResultPage(QWidget):
    """Shows the summary of a reading."""

    answers_asked = Signal()
    """The answers are wanted as a file."""
    summary_asked = Signal()
    again_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.about = QLabel(self), QLabel(self)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.title.setFont(font)
        self.about.setWordWrap(True)
        set_role(self.about, "quiet")
        self.table = QTreeWidget(self)
        self.table.setAccessibleName(self.tr("Summary of the reading"))
        self.table.setRootIsDecorated(False)
        self.table.setFont(tabular(self.table.font()))
        self.save_answers = QPushButton(self.tr("Save &answers as CSV …"), self)
        self.save_summary = QPushButton(self.tr("Save &summary as CSV …"), self)
        self.again = QPushButton(self.tr("&Another reading"), self)
        for button in (self.save_answers, self.save_summary, self.again):
            button.setAccessibleName(button.text().replace("&", ""))
        self.save_answers.clicked.connect(self.answers_asked)
        self.save_summary.clicked.connect(self.summary_asked)
        self.again.clicked.connect(self.again_asked)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.save_summary)
        buttons.addWidget(self.save_answers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.title)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.about)
        layout.addLayout(buttons)

    def show_reading(self, reading: Reading) -> None:
        """Show what was answered so far."""
        choice = reading.plan.task == "choice"
        measure = self.tr("Found the original") if choice else self.tr("Mean score")
        headings = [self.tr("Coding"), self.tr("Ratio"), self.tr("Answers"), measure,
                    self.tr("95 % interval"), self.tr("Median time")]  # fmt: skip
        self.table.clear()
        self.table.setHeaderLabels(headings)
        header = self.table.header()
        header.setStretchLastSection(False)
        for column in range(len(headings)):
            mode = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, mode.ResizeToContents if column else mode.Stretch)
        lines = summarise(reading)
        names = {each.name: candidate_title(each) for each in reading.plan.candidates}
        for line in lines:
            item = QTreeWidgetItem(self.table, self._cells(line, names, choice))
            for column in range(1, len(headings)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
        done = reading.next is None
        self.title.setText(self.tr("The reading is done") if done else self.tr("So far"))
        if choice:
            about = self.tr(
                "By guessing alone the original is found half of the time. Intervals: Wilson. "
                "Practice does not count."
            )
        else:
            about = self.tr(
                "5 is no difference seen, 1 very annoying (ITU-R BT.500). Intervals: images, or "
                "answers where there is one image, drawn anew. Practice does not count."
            )
        self.about.setText(about)

    def _cells(self, line: Line, names: dict[str, str], choice: bool) -> list[str]:
        def shown(value: float) -> str:
            return f"{100 * value:.0f} %" if choice else f"{value:.2f}"

        return [
            names.get(line.name, self.tr("Original beside itself")),
            formatting.NONE if line.ratio is None else formatting.ratio(line.ratio),
            str(line.count),
            shown(line.value),
            f"{shown(line.low)} – {shown(line.high)}",
            f"{line.seconds:.1f} s",
        ]

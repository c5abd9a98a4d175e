"""The images that lost most, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from viewer.archive.many.records import ImageRow

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
NAME = 5
"""The column of file names, which may tell whose image it is."""


class WorstModel(QAbstractTableModel):
    """A line an image, the lowest PSNR first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[ImageRow] = []
        self._hidden = False
        self._titles = (
            self.tr("PSNR dB"),
            self.tr("SSIM"),
            self.tr("Max error"),
            self.tr("Ratio"),
            self.tr("Coded with"),
            self.tr("File"),
        )

    def show_rows(self, rows: list[ImageRow], *, hidden: bool) -> None:
        """Show others; `hidden` leaves file names out."""
        self.beginResetModel()
        self.rows = rows
        self._hidden = hidden
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many images there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return how many figures each has."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows; where an image lies in the tooltip."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            kept = f"{row.archive}, {self.tr('image')} {row.number}"
            missed = f"\n{self.tr('Missed the gate before')}: {row.reason}" if row.reason else ""
            return f"{kept if self._hidden else f'{row.source}{chr(10)}{kept}'}{missed}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() < NAME - 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        name = f"{row.archive} #{row.number}" if self._hidden else Path(row.source).name
        return (
            "" if row.psnr_db is None else f"{row.psnr_db:.2f}",
            "" if row.ssim is None else f"{row.ssim:.4f}",
            str(row.max_error),
            f"{row.ratio:.1f} : 1",
            f"{row.codec}, {row.target}",
            name,
        )[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

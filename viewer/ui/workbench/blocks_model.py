"""The worst blocks as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from viewer.metrics.local_maps import Block

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class BlocksModel(QAbstractTableModel):
    """Rank, place, error and PSNR; sorted as found, the worst first."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._titles = (
            self.tr("#"),
            self.tr("x, y"),
            self.tr("RMSE"),
            self.tr("Max"),
            self.tr("PSNR dB"),
        )
        self._tips = (
            self.tr("Rank: 1 is the worst"),
            self.tr("Upper left corner in stored pixels"),
            self.tr("Root of the mean squared error, in grey levels"),
            self.tr("Largest absolute error, in grey levels"),
            self.tr("With the peak 2^BitsStored − 1"),
        )

    def show_blocks(self, blocks: list[Block]) -> None:
        """Show others."""
        self.beginResetModel()
        self.blocks = blocks
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many blocks there are."""
        return 0 if parent.isValid() else len(self.blocks)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return how many figures each has."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        block = self.blocks[index.row()]
        return (
            str(index.row() + 1),
            f"{block.x}, {block.y}",
            f"{block.mean_squared_error**0.5:.1f}",
            str(block.max_error),
            f"{block.psnr_db:.1f}",
        )[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and section < len(self._titles):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._titles[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return self._tips[section]
        return None

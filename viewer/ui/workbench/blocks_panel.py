"""The list of the worst blocks: a click goes there on all panes and marks the block."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewer.session.session import Session
from viewer.ui.box_item import Box
from viewer.ui.clipboard import CopyMenu, model_text
from viewer.ui.key_hints import keep, keyed
from viewer.ui.pane import Pane
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.panes import Panes
from viewer.ui.theme import GRID, set_role, tabular, theme
from viewer.ui.workbench.blocks_model import BlocksModel

_SEEN_SIDE = 96.0
"""Screen pixels that a block takes at least, so that its pixels can be told apart."""


class BlockLayer:
    """Draws the marked block over a pane."""

    def __init__(self) -> None:
        self.box: Box | None = None

    def paint(self, painter: QPainter, pane: Pane) -> None:
        """Draw its outline just outside of its pixels."""
        geometry = pane.geometry_of_image
        if self.box is None or geometry is None:
            return
        x, y, width, height = self.box
        left, top = geometry.to_screen(x, y)
        right, bottom = geometry.to_screen(x + width, y + height)
        outline = QRectF(QPointF(left - 2, top - 2), QPointF(right + 2, bottom + 2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick in ((QColor(0, 0, 0, 200), 4), (QColor(theme().accent), 2)):
            painter.setPen(QPen(colour, thick))
            painter.drawRect(outline)


class BlocksTable(QTableView):
    """Leaves Space to the window, where it flips between two pictures."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take all keys but Space."""
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)


class BlocksPanel(QWidget):
    """Rank, place, error and PSNR of the worst 8 x 8 blocks of the latest coding."""

    def __init__(self, session: Session, panes: Panes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._panes = panes
        self._blocks = session.workbench.blocks
        self._layer = BlockLayer()
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        set_role(self.message, "quiet")
        self.model = BlocksModel()
        self.table = BlocksTable(self)
        self.table.setModel(self.model)
        self.table.setFont(tabular(self.table.font()))
        self.table.setAccessibleName(self.tr("Worst blocks"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(3 * GRID)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(3 * GRID)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self._menu = CopyMenu(self.table, table=self.as_tsv)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.message)
        layout.addWidget(self.table, 1)
        # Chosen by a click or by the arrow keys, a block is gone to alike.
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.clicked.connect(self._on_row)
        self._blocks.changed.connect(self._show)
        self._blocks.marked_changed.connect(self._show_mark)
        self._blocks.failed.connect(self._say_failure)
        session.view_changed.connect(lambda _: self._place_mark())
        for frame in panes.all_frames:
            frame.pane.layers.append(self._layer)
        panes.frame_added.connect(self._on_frame)
        session.comparison_changed.connect(lambda _: self._show())
        keep(self, self._show)

    def as_tsv(self) -> str:
        """Return the blocks for the clipboard."""
        return model_text(self.model)

    def showEvent(self, event: QShowEvent) -> None:
        """Have blocks found while they are looked at."""
        super().showEvent(event)
        self._blocks.want(True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Find none for nobody."""
        super().hideEvent(event)
        self._blocks.want(False)

    def _on_frame(self, frame: PaneFrame) -> None:
        frame.pane.layers.append(self._layer)

    def _show(self) -> None:
        blocks = self._blocks.blocks
        self.model.show_blocks(blocks or [])
        set_role(self.message, "quiet")
        if self._session.comparison is None:
            text = keyed(
                self.tr("Press {compress} to compress: the blocks that lost most are listed here.")
            )
        elif blocks is None:
            text = self.tr("Looking for the worst blocks …")
        elif not blocks:
            text = self.tr("No difference: every pixel is equal.")
        else:
            text = self.tr("The {} worst of 8 × 8 pixels. A click goes there.").format(len(blocks))
        self.message.setText(text)

    def _say_failure(self, text: str) -> None:
        set_role(self.message, "failure")
        self.message.setText(text)

    def _on_row(self, index: QModelIndex, _before: object = None) -> None:
        if not index.isValid() or index.row() >= len(self.model.blocks):
            return
        block = self.model.blocks[index.row()]
        self._blocks.mark(block)
        shown = self._panes.box_to_shown((block.x, block.y, block.width, block.height))
        x, y, width, height = shown
        scale = self._session.view.scale or 0.0
        self._session.set_view(
            centre=(x + width / 2, y + height / 2),
            scale=max(scale, _SEEN_SIDE / max(width, height)),
        )

    def _show_mark(self) -> None:
        if self._blocks.marked is None:
            self.table.clearSelection()
        self._place_mark()
        for frame in self._panes.frames:
            frame.pane.repaint_overlay()

    def _place_mark(self) -> None:
        block = self._blocks.marked
        if block is None:
            self._layer.box = None
        else:
            box = block.x, block.y, block.width, block.height
            self._layer.box = self._panes.box_to_shown(box)

"""The files and folders whose studies are archived."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.drops import dropped_paths
from viewer.ui.theme import GRID


class SourcesList(QWidget):
    """Paths, each once; chosen in a dialog or dropped here."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.start_folder = Path.home()
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Files and folders to archive"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setToolTip(self.tr("Drop files and folders here"))
        self.list.setMinimumHeight(72)
        self.list.setStyleSheet("QListView { background: palette(base); }")
        self.add_folder = QPushButton(self.tr("Add &folder …"), self)
        self.add_folder.setToolTip(self.tr("A folder with all below it"))
        self.add_files = QPushButton(self.tr("Add f&iles …"), self)
        self.remove = QPushButton(self.tr("&Remove"), self)
        self.remove.setToolTip(self.tr("Take the selected paths off the list"))
        buttons = QVBoxLayout()
        for button in (self.add_folder, self.add_files, self.remove):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.add_folder.clicked.connect(self._ask_folder)
        self.add_files.clicked.connect(self._ask_files)
        self.remove.clicked.connect(self._remove)
        self.list.itemSelectionChanged.connect(self._enable)
        self._enable()

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is listed."""
        rows = range(self.list.count())
        return tuple(Path(self.list.item(row).data(Qt.ItemDataRole.UserRole)) for row in rows)

    def add(self, paths: Iterable[Path]) -> None:
        """List further paths."""
        there = set(self.paths)
        for path in dict.fromkeys(each.absolute() for each in paths):
            if path not in there:
                item = QListWidgetItem(str(path))
                item.setData(Qt.ItemDataRole.UserRole, str(path))
                self.list.addItem(item)
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """List what was dropped."""
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.add(paths)

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, self.tr("Folder to archive"), str(self.start_folder)
        )
        if name:
            self.start_folder = Path(name).parent
            self.add([Path(name)])

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Files to archive"), str(self.start_folder)
        )
        self.add(map(Path, names))

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self.changed.emit()

    def _enable(self) -> None:
        self.remove.setEnabled(bool(self.list.selectedItems()))

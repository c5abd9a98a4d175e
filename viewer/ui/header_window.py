"""Every attribute of the file shown, or of one that could not be opened, with a search."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewer.images.radiograph import Header
from viewer.images.tags import Tag
from viewer.session.session import Session
from viewer.ui.theme import GRID, set_role, tabular

_COLUMNS = ("Tag", "Name", "VR", "Value")
_WIDTHS = (150, 260, 44)
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class TagsModel(QAbstractTableModel):
    """The attributes in which every searched word is found."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._all: list[Tag] = []
        self._shown: list[Tag] = []
        self._words: list[str] = []

    def show_tags(self, tags: list[Tag]) -> None:
        """Take over the attributes of another file."""
        self._all = tags
        self._filter()

    def search(self, text: str) -> None:
        """Show only lines that have all words of `text` somewhere, whatever their case."""
        self._words = text.casefold().split()
        self._filter()

    @property
    def counts(self) -> tuple[int, int]:
        """Lines shown, lines there are."""
        return len(self._shown), len(self._all)

    def lines(self, rows: list[int]) -> str:
        """Return rows as text, a line each, for the clipboard."""
        return "\n".join("\t".join(_cells(self._shown[row])) for row in rows)

    def _filter(self) -> None:
        self.beginResetModel()
        self._shown = [tag for tag in self._all if _matches(tag, self._words)]
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of lines shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the text of a cell; long values whole in the tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return _cells(self._shown[index.row()])[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._shown[index.row()].value or None
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> str | None:
        """Return the title of a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _COLUMNS[section]
        return None


class HeaderWindow(QDialog):
    """Follows the image shown until a file is asked for by name."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path: Path | None = None
        self.resize(820, 560)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search tags, names and values"))
        self.search.setAccessibleName(self.tr("Search the header"))
        self.search.setClearButtonEnabled(True)
        self.model = TagsModel(self)
        self.table = QTableView(self)
        self.table.setAccessibleName(self.tr("Header"))
        self.table.setModel(self.model)
        self.table.setFont(tabular(self.table.font()))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.state)
        self.search.textChanged.connect(self._on_search)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self._copy)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        session.image_changing.connect(self._follow)
        session.tags_ready.connect(self._on_ready)
        session.tags_failed.connect(self._on_failed)
        session.identities.changed.connect(self._on_identities)

    def show_file(self, path: Path) -> None:
        """Show the header of a file, opened or not."""
        self._path = path
        hidden = self._session.identities.hidden
        self.setWindowTitle(
            self.tr("Header: de-identified display")
            if hidden
            else self.tr("Header of {}").format(path.name)
        )
        self.model.show_tags([])
        self._say(self.tr("Reading …"))
        self._session.request_tags(path)

    def _on_identities(self, hidden: bool) -> None:
        # The old values go at once, shown or not.
        self.model.show_tags([])
        if self._path is not None:
            self.show_file(self._path)

    def _follow(self, header: Header) -> None:
        if self.isVisible():
            self.show_file(header.path)

    def _on_ready(self, path: Path, tags: list[Tag]) -> None:
        if path == self._path:
            self.model.show_tags(tags)
            self._count()

    def _on_failed(self, path: Path, sentence: str) -> None:
        if path == self._path:
            self.model.show_tags([])
            self._say(self._session.identities.said(sentence, path), "failure")

    def _on_search(self, text: str) -> None:
        self.model.search(text)
        self._count()

    def _count(self) -> None:
        shown, there = self.model.counts
        if shown == there:
            self._say(self.tr("{} lines").format(there))
        else:
            self._say(self.tr("{} of {} lines").format(shown, there))

    def _say(self, text: str, role: str = "quiet") -> None:
        set_role(self.state, role)
        self.state.setText(text)

    def _copy(self) -> None:
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        QApplication.clipboard().setText(self.model.lines(rows))


def _cells(tag: Tag) -> tuple[str, str, str, str]:
    return f"{'  ' * tag.depth}{tag.tag}", tag.name or tag.keyword, tag.vr, tag.value


def _matches(tag: Tag, words: list[str]) -> bool:
    if not words:
        return True
    text = f"{tag.tag} {tag.keyword} {tag.name} {tag.value}".casefold()
    return all(word in text for word in words)

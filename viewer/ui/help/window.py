"""The window of the guide: chapters on the left, searched; one of them on the right."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.actions import Actions
from viewer.ui.help.guide import Chapter, chapters, guide_path
from viewer.ui.key_hints import KEY_HINTS
from viewer.ui.menu_paths import MenuEntry
from viewer.ui.theme import GRID


class _Page(QTextBrowser):
    """Copies plain text alone: richer data made in Python crash the program's end."""

    def createMimeDataFromSelection(self) -> QMimeData:
        """Return what is chosen as plain text."""
        data = QMimeData()
        data.setText(self.textCursor().selectedText().replace("\u2029", "\n"))
        return data


class GuideWindow(QDialog):
    """Shows the guide; the actions it names are called as the menus call them now.

    Parameters
    ----------
    actions : Actions
        Whose keys are named.
    entries : list of MenuEntry
        Where the menus have them.
    """

    def __init__(self, actions: Actions, entries: list[MenuEntry], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self._paths = {entry.action.objectName(): entry for entry in entries}
        self._chapters = chapters()
        self.setWindowTitle(self.tr("User guide"))
        self.setModal(False)
        self.resize(1100, 760)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search the guide"))
        self.search.setAccessibleName(self.tr("Search the guide"))
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Chapters"))
        self.list.setFixedWidth(240)
        self.page = _Page(self)
        self.page.setAccessibleName(self.tr("Chapter"))
        self.page.setSearchPaths([str(guide_path().parent)])
        self.page.setOpenLinks(False)
        self.page.document().setDocumentMargin(2 * GRID)
        side = QVBoxLayout()
        side.setSpacing(GRID)
        side.addWidget(self.search)
        side.addWidget(self.list, 1)
        layout = QHBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addLayout(side)
        layout.addWidget(self.page, 1)
        for number, chapter in enumerate(self._chapters):
            item = QListWidgetItem(chapter.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, number)
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(lambda *_: self._show())
        self.page.anchorClicked.connect(QDesktopServices.openUrl)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        KEY_HINTS.changed.connect(self._show)
        self.list.setCurrentRow(0)
        self.list.setFocus()

    @property
    def found(self) -> list[str]:
        """Titles of the chapters listed."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.text() for item in items if not item.isHidden()]

    def name_of(self, key: str) -> str:
        """Return "Coding › Compress (C)" for an action."""
        entry, action = self._paths.get(key), self._actions[key]
        name = entry.path if entry is not None else action.text().replace("&", "")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        name = name.removesuffix("…").strip() if name.endswith("…") else name
        return f"{name} ({keys})" if keys else name

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        first: QListWidgetItem | None = None
        for row, chapter in enumerate(self._chapters):
            item = self.list.item(row)
            there = chapter.filled(self.name_of).casefold()
            item.setHidden(not all(word in there for word in words))
            if first is None and not item.isHidden():
                first = item
        current = self.list.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self.list.setCurrentItem(first)
        elif words:
            self._mark()

    def _chosen(self) -> Chapter | None:
        row = self.list.currentRow()
        return self._chapters[row] if 0 <= row < len(self._chapters) else None

    def _show(self) -> None:
        chapter = self._chosen()
        if chapter is None:
            return
        self.page.document().setBaseUrl(QUrl.fromLocalFile(f"{guide_path().parent}/"))
        self.page.setMarkdown(chapter.filled(self.name_of))
        self._mark()

    def _mark(self) -> None:
        """Go to the first word that was searched."""
        words = self.search.text().split()
        if words:
            self.page.moveCursor(self.page.textCursor().MoveOperation.Start)
            self.page.find(words[0])

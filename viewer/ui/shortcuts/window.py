"""The shortcut map: every action by menu with its key, searched and changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.menu_paths import BETWEEN, MenuEntry
from viewer.ui.shortcuts.keymap import KeyMap
from viewer.ui.theme import GRID, set_role

_KEY = Qt.ItemDataRole.UserRole
_FIXED = "Not to be changed: 1 to 9 choose window presets, Space held shows the original."


class ShortcutsWindow(QDialog):
    """Shows and changes the keys of the actions.

    Parameters
    ----------
    keymap : KeyMap
        Which changes them.
    entries : list of MenuEntry
        Whose actions have the names the key map knows.
    """

    def __init__(self, keymap: KeyMap, entries: list[MenuEntry], parent: QWidget) -> None:
        super().__init__(parent)
        self._keymap = keymap
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(620, 640)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search by name or key"))
        self.search.setAccessibleName(self.tr("Search shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName(self.tr("Actions and their keys"))
        self.tree.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setTabKeyNavigation(False)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._lines: dict[str, QTreeWidgetItem] = {}
        self._fill(entries)
        label = QLabel(self.tr("&New key"), self)
        self.edit = QKeySequenceEdit(self)
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.setAccessibleName(self.tr("New key of the chosen action"))
        label.setBuddy(self.edit)
        self.take = QPushButton(self.tr("&Use this key"), self)
        self.take.setAutoDefault(False)
        self.reset = QPushButton(self.tr("&Reset"), self)
        self.reset.setToolTip(self.tr("Give the chosen action the key it came with"))
        self.reset.setAutoDefault(False)
        self.said = QLabel(self.tr(_FIXED), self)
        self.said.setWordWrap(True)
        set_role(self.said, "quiet")
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for widget in (label, self.edit, self.take, self.reset):
            row.addWidget(widget, 1 if widget is self.edit else 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.reset_all = QPushButton(self.tr("Reset &all"), self)
        self.reset_all.setAutoDefault(False)
        buttons.addButton(self.reset_all, QDialogButtonBox.ButtonRole.ResetRole)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.take.clicked.connect(self._change)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._reset_all)
        buttons.rejected.connect(self.close)
        keymap.changed.connect(self._show)
        self._on_chosen()
        self.search.setFocus()

    def choose(self, key: str) -> None:
        """Choose an action by its key in `Actions`."""
        self.tree.setCurrentItem(self._lines[key])

    @property
    def listed(self) -> dict[str, str]:
        """What is shown now: action and the keys beside it."""
        return {k: line.text(1) for k, line in self._lines.items() if not line.isHidden()}

    def _fill(self, entries: list[MenuEntry]) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for entry in entries:
            menus = BETWEEN.join(entry.menus)
            if menus not in groups:
                groups[menus] = QTreeWidgetItem(self.tree, [menus])
                groups[menus].setFlags(Qt.ItemFlag.ItemIsEnabled)
                groups[menus].setExpanded(True)
            key = entry.action.objectName()
            line = QTreeWidgetItem(groups[menus], [entry.name])
            line.setData(0, _KEY, key)
            line.setToolTip(0, entry.action.toolTip())
            self._lines[key] = line
            self._show(key)

    def _show(self, key: str) -> None:
        line = self._lines.get(key)
        if line is None:
            return
        text = ", ".join(_native(keys) for keys in self._keymap.keys_of(key)) or self.tr("none")
        line.setText(1, text)
        font = line.font(1)
        font.setBold(self._keymap.is_own(key))
        line.setFont(1, font)
        line.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{line.text(0)}, {text}")

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for place in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(place)
            if group is None:
                continue
            shown = 0
            for line in (line for line in self._lines.values() if line.parent() is group):
                where = f"{group.text(0)} {line.text(0)} {line.text(1)}".casefold()
                line.setHidden(not all(word in where for word in words))
                shown += not line.isHidden()
            group.setHidden(not shown)

    def _chosen(self) -> str:
        line = self.tree.currentItem()
        return str(line.data(0, _KEY) or "") if line else ""

    def _on_chosen(self) -> None:
        key = self._chosen()
        for widget in (self.edit, self.take, self.reset):
            widget.setEnabled(bool(key))
        keys = self._keymap.keys_of(key) if key else ()
        self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self._say(self.tr(_FIXED), "quiet")

    def _change(self) -> None:
        key = self._chosen()
        refused = self._keymap.change(key, self.edit.keySequence())
        new = _native(self.edit.keySequence().toString()) or self.tr("no key")
        self._report(refused, self.tr("“{}” has {} now.").format(self._name(key), new))

    def _reset(self) -> None:
        key = self._chosen()
        refused = self._keymap.reset(key)
        if not refused:
            self._on_chosen()
        told = self.tr("“{}” has the key it came with.").format(self._name(key))
        self._report(refused, told)

    def _reset_all(self) -> None:
        self._keymap.reset_all()
        self._on_chosen()
        self._report("", self.tr("Every action has the key it came with."))

    def _name(self, key: str) -> str:
        return self._lines[key].text(0)

    def _report(self, refused: str, done: str) -> None:
        self._say(refused or done, "failure" if refused else "quiet")

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        set_role(self.said, role)
        self.edit.setAccessibleDescription(text)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)

"""The command palette: type a few letters, press Enter, whatever menu it is in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.menu_paths import MenuEntry
from viewer.ui.theme import GRID, set_role

_WIDTH, _HEIGHT = 640, 440
_UNAVAILABLE = "not available now"
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def match_cost(text: str, name: str, rest: str) -> int | None:
    """Return how far a typed text is from an action.

    Parameters
    ----------
    text : str
        Words in any order.
    name : str
        Of the action.
    rest : str
        What else it is found by: its menus, its key, what it does.

    Returns
    -------
    int or None
        0 where every word begins a word of the name; more the looser it is; None where a word
        is found nowhere, not even letter by letter in the name with others between.
    """
    name, rest = name.casefold(), rest.casefold()
    starts = name.split()
    cost = 0
    for word in text.casefold().split():
        if any(start.startswith(word) for start in starts):
            continue
        if word in name:
            cost += 1
        elif word in rest:
            cost += 2
        elif _in_order(word, name):
            cost += 3
        else:
            return None
    return cost


def _in_order(letters: str, text: str) -> bool:
    left = iter(text)
    return all(letter in left for letter in letters)


class CommandPalette(QDialog):
    """Every action of the menus, found by typing and run by Enter.

    Parameters
    ----------
    entries : callable
        Returns the actions when the palette opens.
    why_not : callable
        Returns why an action that is off is off, as the end of a sentence; "" where unknown.
    parent : QWidget
        Over which it appears.
    """

    def __init__(
        self,
        entries: Callable[[], list[MenuEntry]],
        why_not: Callable[[MenuEntry], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._entries_now, self._why_not = entries, why_not
        self._entries: list[MenuEntry] = []
        self._shown: list[MenuEntry] = []
        self.setWindowTitle(self.tr("Commands"))
        self.resize(_WIDTH, _HEIGHT)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Type what to do, in any order: “png orig”"))
        self.search.setAccessibleName(self.tr("Search commands"))
        self.search.setClearButtonEnabled(True)
        self.list = QTreeWidget(self)
        self.list.setAccessibleName(self.tr("Commands found"))
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        # The keys stay with the search: Up and Down are passed on from there.
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        set_role(self.said, "quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.said)
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(lambda *_: self._say())
        self.list.itemActivated.connect(lambda *_: self.run())

    @property
    def found(self) -> list[MenuEntry]:
        """What is listed, best first."""
        return list(self._shown)

    def open_over(self, window: QWidget) -> None:
        """Appear empty over the upper middle of a window."""
        self._entries = self._entries_now()
        self.search.clear()
        self._fill("")
        corner = QPoint((window.width() - self.width()) // 2, min(96, window.height() // 8))
        self.move(window.mapToGlobal(corner))
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus()

    def run(self) -> None:
        """Run the chosen action and vanish; say why not where it is off."""
        entry = self._chosen()
        if entry is None:
            return
        if not entry.action.isEnabled():
            self._say()
            QApplication.beep()
            return
        self.hide()
        # After this key press is over: what is run may open a dialog of its own.
        QTimer.singleShot(0, entry.action, entry.action.trigger)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass keys that move in the list on to it, and run the chosen line on Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run()
                return True
        return super().eventFilter(watched, event)

    def _chosen(self) -> MenuEntry | None:
        row = self.list.currentIndex().row()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _fill(self, text: str) -> None:
        costs = [
            (match_cost(text, entry.name, _rest(entry)), place)
            for place, entry in enumerate(self._entries)
        ]
        ranked = sorted((cost, place) for cost, place in costs if cost is not None)
        self._shown = [self._entries[place] for _, place in ranked]
        self.list.clear()
        dim = self.palette().color(self.palette().ColorGroup.Disabled, self.foregroundRole())
        for entry in self._shown:
            off = not entry.action.isEnabled()
            shown = f"{entry.path}   ({self.tr(_UNAVAILABLE)})" if off else entry.path
            item = QTreeWidgetItem([shown, _keys(entry)])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, entry.action.toolTip())
            spoken = ", ".join(part for part in (shown, _keys(entry)) if part)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
            if off:
                for column in range(2):
                    item.setForeground(column, dim)
            self.list.addTopLevelItem(item)
        if self._shown:
            self.list.setCurrentIndex(self.list.model().index(0, 0))
        self._say()

    def _say(self) -> None:
        entry = self._chosen()
        if entry is None:
            self.said.setText(self.tr("No command has “{}” in it.").format(self.search.text()))
        elif not entry.action.isEnabled():
            why = self._why_not(entry)
            told = (
                self.tr("“{}” is not available now: {}.")
                if why
                else self.tr("“{}” is not available now.")
            )
            self.said.setText(told.format(entry.name, why))
        else:
            self.said.setText(entry.action.toolTip())
        self.search.setAccessibleDescription(self.said.text())


def _keys(entry: MenuEntry) -> str:
    return entry.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def _rest(entry: MenuEntry) -> str:
    return " ".join((*entry.menus, entry.action.toolTip(), _keys(entry)))

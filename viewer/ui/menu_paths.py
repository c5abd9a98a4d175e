"""What the menus hold, as one list: the palette and the shortcut map both show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

BETWEEN = " › "
"""Between a menu and what it holds."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An action and the menus one opens to reach it, outermost first, without mnemonics."""

    menus: tuple[str, ...]
    action: QAction

    @property
    def name(self) -> str:
        """What the menu calls the action."""
        return plain(self.action.text())

    @property
    def path(self) -> str:
        """Return "File › Open files …"."""
        return BETWEEN.join((*self.menus, self.name))


def menu_entries(bar: QMenuBar) -> list[MenuEntry]:
    """Return every action of the menu bar in the order of the menus, submenus included."""
    return [entry for action in bar.actions() for entry in _below(action, ())]


def plain(text: str) -> str:
    """Return a menu text without its mnemonic: "&Save" is "Save", "A && B" is "A & B"."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))


def _below(action: QAction, menus: tuple[str, ...]) -> Iterator[MenuEntry]:
    # What PySide gives for no menu is None, though its types say otherwise.
    menu = action.menu()
    if isinstance(menu, QMenu):
        for inner in menu.actions():
            yield from _below(inner, (*menus, plain(action.text())))
    elif not action.isSeparator() and action.isVisible() and menus:
        yield MenuEntry(menus, action)

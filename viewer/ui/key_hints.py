"""Texts that name keys: they follow the keys when the reader changes them."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

_NAMED = re.compile(r"\{(\w+)\}")


class KeyHints(QObject):
    """Knows the first key of every action, by the action's key in `Actions`."""

    changed = Signal()
    """Some action has another first key."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[str, str] = {}
        self._titles: dict[str, str] = {}

    def note(self, action: str, title: str, keys: QKeySequence) -> None:
        """Take note of what an action is called and of its first key."""
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        changed = self._keys.get(action) != shown
        self._keys[action], self._titles[action] = shown, title
        if changed:
            self.changed.emit()

    def name(self, action: str) -> str:
        """Return "C", or "“Compress”" of an action that has no key."""
        return self._keys.get(action) or f"“{self._titles.get(action, action)}”"

    def fill(self, text: str) -> str:
        """Return a text with "{compress}" replaced by the key of that action."""
        return _NAMED.sub(lambda found: self.name(found[1]), text)


KEY_HINTS = KeyHints()
"""Of the application's window; `Actions` notes every change here."""


def keyed(text: str) -> str:
    """Return a text with the keys of the actions it names in braces."""
    return KEY_HINTS.fill(text)


def keep_tip(widget: QWidget, text: str) -> None:
    """Give a widget a tooltip whose keys stay right."""
    keep(widget, lambda: widget.setToolTip(keyed(text)))


def keep(owner: QObject, write: Callable[[], object]) -> None:
    """Have a text written now, and again whenever keys change, as long as its owner lives."""
    writer = _Writer(owner, write)
    KEY_HINTS.changed.connect(writer.write)
    writer.write()


class _Writer(QObject):
    """Goes with its owner, and its connection with it."""

    def __init__(self, owner: QObject, write: Callable[[], object]) -> None:
        super().__init__(owner)
        self._write = write

    def write(self) -> None:
        """Write the text."""
        self._write()

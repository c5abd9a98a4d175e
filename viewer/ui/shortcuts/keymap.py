"""Which key does what, where the reader has changed it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from viewer.ui.actions import Actions
from viewer.ui.menu_paths import plain
from viewer.ui.settings import WindowSettings

logger = logging.getLogger(__name__)

_KEPT = "keys"
_RESERVED = {
    "Space": "shows the original while it is held",
    "Tab": "goes to the next control",
    "Shift+Tab": "goes to the control before",
    **{str(digit): f"chooses window preset {digit}" for digit in range(1, 10)},
}


class KeyMap(QObject):
    """Changes keys of actions, one action a key, and remembers the changes.

    Parameters
    ----------
    actions : Actions
        Whose shortcuts and tooltips follow at once.
    settings : WindowSettings
        Where changes are kept; what is kept there is applied now.
    """

    changed = Signal(str)
    """An action has other keys: its key in `Actions`."""

    def __init__(self, actions: Actions, settings: WindowSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._actions, self._settings = actions, settings
        self._own: dict[str, tuple[str, ...]] = {}
        for key, keys in self._kept().items():
            self._take(key, keys)

    def keys_of(self, key: str) -> tuple[str, ...]:
        """Return the keys of an action, the first being the one its tooltip names."""
        return self._own.get(key, _portable(self._actions.spec(key).shortcuts))

    def is_own(self, key: str) -> bool:
        """Return whether an action has other keys than it came with."""
        return key in self._own

    def conflict(self, key: str, keys: Iterable[str]) -> str:
        """Return in one sentence why an action cannot have keys; "" where it can."""
        for sequence in keys:
            shown = QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)
            if sequence in _RESERVED:
                return f"{shown} {_RESERVED[sequence]} and cannot be given to anything else."
            everything = self._actions.keys()
            for other in everything:
                if other != key and sequence in self.keys_of(other):
                    name = plain(self._actions[other].text())
                    return f"{shown} already belongs to “{name}”; give that another key first."
        return ""

    def change(self, key: str, sequence: QKeySequence) -> str:
        """Give an action one key, or none.

        Returns
        -------
        str
            Why it was not taken; "" when it was.
        """
        portable = sequence.toString(QKeySequence.SequenceFormat.PortableText)
        keys = (portable,) if portable else ()
        refused = self.conflict(key, keys)
        if not refused:
            self._take(key, keys)
            self._keep()
        return refused

    def reset(self, key: str) -> str:
        """Give an action back what it came with; return why not, as `change` does."""
        keys = _portable(self._actions.spec(key).shortcuts)
        refused = self.conflict(key, keys)
        if not refused:
            self._take(key, keys)
            self._keep()
        return refused

    def reset_all(self) -> None:
        """Give every action back what it came with."""
        for key in tuple(self._own):
            self._take(key, _portable(self._actions.spec(key).shortcuts))
        self._keep()

    def _take(self, key: str, keys: tuple[str, ...]) -> None:
        if keys == _portable(self._actions.spec(key).shortcuts):
            self._own.pop(key, None)
        else:
            self._own[key] = keys
        self._actions.set_keys(key, keys)
        self.changed.emit(key)

    def _keep(self) -> None:
        self._settings.set(_KEPT, json.dumps(self._own))
        self._settings.write()

    def _kept(self) -> dict[str, tuple[str, ...]]:
        """Return what was kept, without what would give a key to two actions."""
        try:
            found = json.loads(self._settings.text(_KEPT, "{}"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            logger.warning("the kept keys cannot be read; every action has those it came with")
            return {}
        known = set(self._actions.keys())
        own = {
            key: _portable(keys)
            for key, keys in found.items()
            if key in known and isinstance(keys, list) and all(isinstance(k, str) for k in keys)
        }
        while True:
            every = {key: own.get(key, self.keys_of(key)) for key in known}
            doubtful = [key for key in own if _taken(key, own[key], every)]
            if not doubtful:
                return own
            del own[doubtful[-1]]


def _taken(key: str, keys: tuple[str, ...], every: dict[str, tuple[str, ...]]) -> bool:
    others = {taken for other, all_ in every.items() if other != key for taken in all_}
    return any(sequence in others or sequence in _RESERVED for sequence in keys)


def _portable(keys: Iterable[str]) -> tuple[str, ...]:
    """Return keys as `QKeySequence` writes them, so that equal ones are equal texts."""
    written = (
        QKeySequence(keys_of_one).toString(QKeySequence.SequenceFormat.PortableText)
        for keys_of_one in keys
    )
    return tuple(sequence for sequence in written if sequence)

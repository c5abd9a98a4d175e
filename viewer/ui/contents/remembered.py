"""What each pane of each layout shows, from one run to the next."""

from __future__ import annotations

from dataclasses import replace

from viewer.ui.contents.content import FIRST_CONTENTS, SHOWN_LATEST, Content, from_text
from viewer.ui.contents.differences import ABSOLUTE, SIGNED
from viewer.ui.settings import WindowSettings

_SLOTS = ("first", "second", "third", "fourth")
_USUAL = 3


class Contents:
    """The contents of the panes in the layout chosen, kept in the settings.

    A pane of another window keeps one content whatever the layout is.
    """

    def __init__(self, settings: WindowSettings) -> None:
        self._settings = settings
        kept = settings.text("panes", str(_USUAL))
        self._count = int(kept) if kept in {str(count) for count in FIRST_CONTENTS} else _USUAL
        self._signed = settings.text("difference", SIGNED) != ABSOLUTE
        self._chosen: dict[str, Content] = {}

    @property
    def count(self) -> int:
        """How many panes the layout has."""
        return self._count

    @count.setter
    def count(self, count: int) -> None:
        if count not in FIRST_CONTENTS:
            raise ValueError(f"no layout of {count} panes")
        self._count = count
        self._settings.set("panes", count)

    def of(self, name: str) -> Content:
        """Return what the frame of a name shows."""
        key = self._key(name)
        if key not in self._chosen:
            self._chosen[key] = from_text(self._settings.text(f"content/{key}"), self._first(name))
        content = self._chosen[key]
        if content.kind in (SIGNED, ABSOLUTE):
            content = replace(content, kind=SIGNED if self._signed else ABSOLUTE)
        return content

    def set(self, name: str, content: Content) -> None:
        """Show something else on a frame."""
        if content.kind in (SIGNED, ABSOLUTE):
            self.signed = content.kind == SIGNED
        self._chosen[self._key(name)] = content
        self._settings.set(f"content/{self._key(name)}", content.as_text())

    @property
    def signed(self) -> bool:
        """Whether differences in grey levels keep their sign: on all panes alike."""
        return self._signed

    @signed.setter
    def signed(self, signed: bool) -> None:
        self._signed = signed
        self._settings.set("difference", SIGNED if signed else ABSOLUTE)

    def _first(self, name: str) -> Content:
        first = FIRST_CONTENTS[self._count]
        return first[_SLOTS.index(name)] if name in _SLOTS[: len(first)] else SHOWN_LATEST

    def _key(self, name: str) -> str:
        return f"{self._count}/{name}" if name in _SLOTS else name

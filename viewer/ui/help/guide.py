"""The guide as text: chapters of Markdown in which actions stand by their keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from viewer.resources import resource

_ACTION = re.compile(r"\[\[(\w+)\]\]")
_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter.

    Parameters
    ----------
    title : str
    text : str
        Markdown, its heading included; "[[compress]]" stands for the action of that key.
    """

    title: str
    text: str

    @property
    def actions(self) -> tuple[str, ...]:
        """Keys of the actions it names."""
        return tuple(_ACTION.findall(self.text))

    @property
    def pictures(self) -> tuple[str, ...]:
        """Paths of its pictures, as they stand in it."""
        return tuple(_PICTURE.findall(self.text))

    def filled(self, name_of: Callable[[str], str]) -> str:
        """Return its Markdown with every action as the window calls it now."""
        return _ACTION.sub(lambda found: f"**{name_of(found[1])}**", self.text)


def guide_path() -> Path:
    """Return the file of the guide; pictures lie beside it.

    Raises
    ------
    RadviewError
        When the installation lacks it.
    """
    return resource("help/guide.md")


def chapters(path: Path | None = None) -> tuple[Chapter, ...]:
    """Read the guide: a chapter begins with "## "."""
    text = (path or guide_path()).read_text(encoding="utf-8")
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return tuple(
        Chapter(part.splitlines()[0].removeprefix("## ").strip(), part.strip())
        for part in parts
        if part.startswith("## ")
    )

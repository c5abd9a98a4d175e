"""Whether the window shows whose images it shows: a de-identified display, for demonstrations."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal


class Identities(QObject):
    """One switch that everything which could name a patient listens to. Files are not touched."""

    changed = Signal(bool)
    """Whether they are hidden now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden = False

    @property
    def hidden(self) -> bool:
        """Whether names, numbers, dates and institutions are kept off the screen."""
        return self._hidden

    def hide(self, hidden: bool) -> None:
        """Hide or show them everywhere at once."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.changed.emit(hidden)

    def said(self, sentence: str, *paths: Path, instead: str = "the file") -> str:
        """Return a sentence as it may be shown: a file's name often is the patient's.

        Parameters
        ----------
        sentence : str
            Which may name some of `paths`.
        instead : str
            What stands for the name while identities are hidden.
        """
        if not self._hidden:
            return sentence
        for path in paths:
            for name in (str(path), path.name, path.stem):
                if name and name in sentence:
                    sentence = sentence.replace(name, instead)
        return sentence

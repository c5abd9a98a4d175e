"""The text of a step, in paragraphs, with the keys the reader has now."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from viewer.ui.key_hints import keyed


class StepText(QTextBrowser):
    """Plain paragraphs; what lies between stars is bold, between back ticks a name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What the step says"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setAutoFillBackground(False)

    def show_text(self, text: str) -> None:
        """Show another text."""
        paragraphs = [" ".join(part.split()) for part in keyed(text).split("\n\n")]
        made = "".join(f"<p>{_marked(html.escape(part))}</p>" for part in paragraphs if part)
        if made != self.property("made"):
            self.setProperty("made", made)
            self.setHtml(made)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Space to the window: it flips to the original."""
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)


def _marked(text: str) -> str:
    for sign, tag in (("*", "b"), ("`", "code")):
        parts = text.split(sign)
        if len(parts) % 2:  # else one is left over, and stays a sign
            text = parts[0] + "".join(
                f"<{tag}>{part}</{tag}>" if place % 2 else part
                for place, part in enumerate(parts[1:], start=1)
            )
    return text

"""The card of a model: data, licence, figures, hash."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from viewer.ui.theme import GRID

_SIZE = (760, 640)


class ModelCard(QDialog):
    """Shows Markdown beside the main window; links open nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Model card"))
        self.resize(*_SIZE)
        self.text = QTextBrowser(self)
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.tr("Model card"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.addWidget(self.text)

    def show_text(self, markdown: str) -> None:
        """Show a card in place of the last one."""
        self.text.setMarkdown(markdown)
        self.show()
        self.raise_()

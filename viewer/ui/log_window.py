"""What the program has noted, one click away."""

from __future__ import annotations

import logging
from collections import deque

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

_KEPT = 2000
"""Lines."""


class LogRecords(QObject):
    """Keeps the latest lines of the product's log; may be written to from any thread."""

    added = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._handler = _Handler(self)
        logging.getLogger("viewer").addHandler(self._handler)

    @property
    def text(self) -> str:
        """All lines kept."""
        return "\n".join(self._lines)

    def add(self, line: str) -> None:
        """Keep a line."""
        self._lines.append(line)
        self.added.emit(line)

    def close(self) -> None:
        """Stop listening."""
        logging.getLogger("viewer").removeHandler(self._handler)


class _Handler(logging.Handler):
    def __init__(self, records: LogRecords) -> None:
        super().__init__(logging.INFO)
        self._records = records
        self.setFormatter(logging.Formatter("%(asctime)s  %(levelname)s  %(name)s  %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._records.add(self.format(record))


class LogWindow(QDialog):
    """The lines, growing while one looks, and a way to copy them."""

    def __init__(self, records: LogRecords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Log"))
        self.resize(760, 420)
        self.lines = QPlainTextEdit(self)
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(_KEPT)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setPlaceholderText(self.tr("Nothing has been noted."))
        self.lines.setPlainText(records.text)
        records.added.connect(self.lines.appendPlainText)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = QPushButton(self.tr("Copy"), self)
        copy.setToolTip(self.tr("Copy all lines to the clipboard"))
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.lines.toPlainText()))
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.lines)
        layout.addWidget(buttons)

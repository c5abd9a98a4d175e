"""One sentence across the top of the picture: a failed save, an unexpected failure."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from viewer.ui.icons import icon, pixmap
from viewer.ui.theme import GRID, WINDOW_THEME, window_theme


class Banner(QFrame):
    """Stays until it is closed or something else is said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = sign = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton(self)
        close.setIcon(icon("cancel"))
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Close this message"))
        close.setAccessibleName(self.tr("Close this message"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID + 4, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID)
        layout.addWidget(sign)
        layout.addWidget(self._text, 1)
        layout.addWidget(close)
        self._dress()
        WINDOW_THEME.changed.connect(self._dress)
        self.hide()

    def _dress(self) -> None:
        colours = window_theme()
        drawing = pixmap("warning", 36, colours.failure)
        drawing.setDevicePixelRatio(2)
        self._sign.setPixmap(drawing)
        self.setStyleSheet(
            f"Banner {{ background: {colours.raised}; border-left: 3px solid {colours.failure}; }}"
        )

    @property
    def text(self) -> str:
        """What is said; "" when closed."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)
        self.show()

"""A pane with its title strip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from viewer.ui.pane import Pane
from viewer.ui.theme import GRID, set_role, tabular, theme


class PaneFrame(QWidget):
    """One pane below a strip that says what it shows."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.pane = Pane(name, self)
        self._title = QLabel(name.upper(), self)
        font = QFont(self._title.font())
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        font.setBold(True)
        self._title.setFont(font)
        self._detail = QLabel(self)
        self._detail.setFont(tabular(self._detail.font()))
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._details: tuple[str, ...] = ("",)
        set_role(self._detail, "quiet")
        strip = QHBoxLayout()
        strip.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        strip.addWidget(self._title)
        strip.addWidget(self._detail, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(strip)
        layout.addWidget(self.pane, 1)
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme().dock)
        self.setPalette(palette)

    @property
    def title(self) -> str:
        """What the strip says is shown."""
        return self._title.text()

    @property
    def detail(self) -> str:
        """What the strip says of it on the right."""
        return self._detail.text()

    def show_title(self, title: str, *details: str, role: str = "quiet") -> None:
        """Change what the strip says.

        Parameters
        ----------
        details : str
            What is said on the right, the longest first: the first that has room is shown.
        """
        self._title.setText(title.upper())
        self._details = details or ("",)
        set_role(self._detail, role)
        self._choose_detail()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again what has room."""
        super().resizeEvent(event)
        self._choose_detail()

    def _choose_detail(self) -> None:
        room = self.width() - 3 * GRID - self._title.sizeHint().width()
        measure = self._detail.fontMetrics().horizontalAdvance
        fitting = [text for text in self._details if measure(text) <= room]
        self._detail.setText(fitting[0] if fitting else "")
        self._detail.setToolTip(self._details[0])

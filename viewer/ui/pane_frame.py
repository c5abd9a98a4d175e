"""A pane with its title strip."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.key_hints import keep_tip
from viewer.ui.pane import Pane
from viewer.ui.theme import GRID, WINDOW_THEME, set_role, tabular, window_theme


class PaneFrame(QWidget):
    """One pane below a strip that says what it shows, and where that is chosen.

    Parameters
    ----------
    name : str
        By which what belongs to the pane is remembered.
    """

    choosing = Signal(object)
    """The `QMenu` about to be shown: to be filled with what the pane can show."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.pane = Pane(name, self)
        self.chooser = QToolButton(self)
        font = QFont(self.chooser.font())
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        font.setBold(True)
        self.chooser.setFont(font)
        self.chooser.setAutoRaise(True)
        self.chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.chooser.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.chooser.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.chooser.setObjectName("chooser")
        self.chooser.setMinimumWidth(5 * GRID)
        keep_tip(self.chooser, self.tr("Choose what this pane shows ({content})"))
        menu = QMenu(self.chooser)
        menu.aboutToShow.connect(lambda: self.choosing.emit(menu))
        self.chooser.setMenu(menu)
        self._detail = QLabel(self)
        self._detail.setFont(tabular(self._detail.font()))
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._details: tuple[str, ...] = ("",)
        set_role(self._detail, "quiet")
        strip = QHBoxLayout()
        strip.setContentsMargins(GRID // 2, GRID // 4, GRID, GRID // 4)
        strip.addWidget(self.chooser)
        strip.addWidget(self._detail, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(strip)
        layout.addWidget(self.pane, 1)
        self.setAutoFillBackground(True)
        self._dress()
        WINDOW_THEME.changed.connect(self._dress)
        self.show_title(name)

    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), window_theme().dock)
        self.setPalette(palette)

    @property
    def title(self) -> str:
        """What the strip says is shown."""
        return self._title

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
        self._title = title.upper()
        self.chooser.setAccessibleName(self.tr("{} pane: choose what it shows").format(title))
        self.pane.setAccessibleName(title)
        self._details = details or ("",)
        set_role(self._detail, role)
        self._choose_detail()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again what has room."""
        super().resizeEvent(event)
        self._choose_detail()

    def _choose_detail(self) -> None:
        # A long title must not make its pane wider than the others.
        frame = self.chooser.sizeHint().width() - self._width(self.chooser.text())
        room = self.width() - 2 * GRID - frame
        title = self.chooser.fontMetrics().elidedText(
            f"{self._title} ▾", Qt.TextElideMode.ElideMiddle, room
        )
        self.chooser.setText(title)
        room = self.width() - 3 * GRID - self.chooser.sizeHint().width()
        measure = self._detail.fontMetrics().horizontalAdvance
        fitting = [text for text in self._details if measure(text) <= room]
        self._detail.setText(fitting[0] if fitting else "")
        self._detail.setToolTip(self._details[0])

    def _width(self, text: str) -> int:
        return self.chooser.fontMetrics().horizontalAdvance(text)

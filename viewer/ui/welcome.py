"""What the window says before anything is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.ui.icons import icon, pixmap
from viewer.ui.theme import GRID, WINDOW_THEME, set_role, window_theme


class Welcome(QWidget):
    """How to begin: drop, open, or try the sample.

    Parameters
    ----------
    actions : sequence of QAction
        One button each; the first is the one most want.
    """

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._picture = picture = QLabel(self)
        title = QLabel(self.tr("Drop a study here"), self)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() + 6)
        title.setFont(font)
        told = QLabel(self.tr("DICOM, JPEG, PNG, JPEG 2000, folders and .radz archives"), self)
        set_role(told, "quiet")
        self.buttons = [self._button(action) for action in actions]
        self.buttons[0].setProperty("primary", True)
        self.buttons[0].setIcon(icon("sample", on_accent=True))
        self._row = row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addStretch(1)
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * GRID)
        layout.addStretch(3)
        for label in (picture, title, told):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(GRID)
        layout.addLayout(row)
        layout.addStretch(4)

        self._dress()
        WINDOW_THEME.changed.connect(self._dress)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below each other where there is no room beside each other."""
        super().resizeEvent(event)
        needed = sum(button.sizeHint().width() + GRID for button in self.buttons) + 2 * GRID
        way = QBoxLayout.Direction
        self._row.setDirection(way.LeftToRight if self.width() >= needed else way.TopToBottom)

    def _dress(self) -> None:
        colours = window_theme()
        palette = self.palette()
        palette.setColor(self.backgroundRole(), colours.pane)
        self.setPalette(palette)
        drawing = pixmap("radiograph", 144, colours.line)
        drawing.setDevicePixelRatio(2)
        self._picture.setPixmap(drawing)

    def _button(self, action: QAction) -> QPushButton:
        button = QPushButton(action.icon(), action.text().replace("&", ""), self)
        button.setToolTip(action.toolTip())
        action.changed.connect(lambda: button.setToolTip(action.toolTip()))
        button.clicked.connect(action.trigger)
        return button

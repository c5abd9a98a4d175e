"""The tool bar: words beside the icons as long as there is room for them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolBar, QToolButton, QWidget

from viewer.ui.icons import icon


class ToolBar(QToolBar):
    """Leaves words out before it would hide a button."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._worded: list[QToolButton] = []
        self._full = 0
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:
            # Qt's own arrow is dark, whatever lies below it.
            more.setIcon(icon("next"))
            more.setIconSize(QSize(12, 12))
            more.setToolTip(self.tr("More tools"))
            more.setAccessibleName(self.tr("More tools"))

    def word(self, button: QToolButton) -> None:
        """Have a button show its word where there is room."""
        self._worded.append(button)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._full = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show words, or leave them out."""
        if not self._full:
            self._style(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._full = self.sizeHint().width()
        if self._full <= event.size().width():
            self._style(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        else:
            self._style(Qt.ToolButtonStyle.ToolButtonIconOnly)
        super().resizeEvent(event)

    def _style(self, style: Qt.ToolButtonStyle) -> None:
        for button in self._worded:
            button.setToolButtonStyle(style)

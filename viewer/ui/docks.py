"""Docks at the edges of the window, each with the action that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QWidget

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow

_MOST_OF_HEIGHT = 0.34
"""Of the window that a dock at the bottom takes when it comes up."""


def add_dock(
    window: MainWindow,
    title: str,
    key: str,
    content: QWidget,
    area: Qt.DockWidgetArea,
    *,
    shown: bool = True,
) -> QDockWidget:
    """Put a widget into a dock that the checkable action `key` shows and hides.

    Parameters
    ----------
    shown : bool
        Whether it is there in a window that remembers nothing; those that are not lie behind
        each other, and have an x.
    """
    dock = QDockWidget(title, window)
    dock.setObjectName(key)
    features = QDockWidget.DockWidgetFeature.DockWidgetMovable
    if not shown:
        # Those always there are closed with their key: a small x would be one more to miss.
        features |= QDockWidget.DockWidgetFeature.DockWidgetClosable
        features |= QDockWidget.DockWidgetFeature.DockWidgetFloatable
    dock.setFeatures(features)
    dock.setWidget(content)
    window.addDockWidget(area, dock)
    if not shown:
        dock.hide()
    action = window.actions_by_key[key]
    action.triggered.connect(lambda checked: show_dock(window, dock, checked))
    action.setChecked(shown)
    dock.visibilityChanged.connect(lambda _: action.setChecked(not dock.isHidden()))
    return dock


def show_dock(window: MainWindow, dock: QDockWidget, shown: bool = True) -> None:
    """Show a dock behind the tabs of its edge, no higher than leaves the pictures room; or hide it.

    Tabs are made only now: Qt leaves the bar of tabs made of hidden docks somewhere on the window.
    """
    if shown and dock.isHidden() and not dock.isFloating():
        area = window.dockWidgetArea(dock)
        beside = [
            other
            for other in window.findChildren(QDockWidget)
            if other is not dock
            and window.dockWidgetArea(other) == area
            and not (other.isHidden() or other.isFloating())
        ]
        if beside and not window.tabifiedDockWidgets(dock):
            window.tabifyDockWidget(beside[-1], dock)
        dock.show()
        if not beside and area == Qt.DockWidgetArea.BottomDockWidgetArea:
            hint = dock.sizeHint().height()
            most = round(_MOST_OF_HEIGHT * window.height())
            window.resizeDocks([dock], [min(hint, most)], Qt.Orientation.Vertical)
    dock.setVisible(shown)
    if shown:
        dock.raise_()

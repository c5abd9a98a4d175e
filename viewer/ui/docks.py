"""Docks at the edges of the window, each with the action that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QWidget

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


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
    others = [
        other
        for other in window.findChildren(QDockWidget)
        if other is not dock and window.dockWidgetArea(other) == area
    ]
    window.addDockWidget(area, dock)
    if not shown:
        if others:
            window.tabifyDockWidget(others[-1], dock)
        dock.hide()
    action = window.actions_by_key[key]
    action.triggered.connect(lambda checked: _show(dock, checked))
    action.setChecked(shown)
    dock.visibilityChanged.connect(lambda _: action.setChecked(not dock.isHidden()))
    return dock


def _show(dock: QDockWidget, shown: bool) -> None:
    dock.setVisible(shown)
    if shown:
        dock.raise_()

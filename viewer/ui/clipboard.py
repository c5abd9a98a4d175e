"""Pictures and tables for other programs, by a context menu on whatever shows them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget


def copy_text(text: str) -> None:
    """Put a text on the clipboard; tables as TSV, which spreadsheets take apart.

    As plain text alone: data made in Python and still on the clipboard crash Qt at its end.
    """
    QApplication.clipboard().setText(text)


def copy_picture(picture: QImage) -> None:
    """Put a picture on the clipboard."""
    QApplication.clipboard().setImage(picture)


def picture_of(widget: QWidget) -> QImage:
    """Return a widget as it is on the screen."""
    return widget.grab().toImage()


def model_text(model: QAbstractItemModel) -> str:
    """Return a table's titles and texts as TSV."""
    columns, across = range(model.columnCount()), Qt.Orientation.Horizontal
    lines = ["\t".join(str(model.headerData(c, across) or "") for c in columns)]
    for row in range(model.rowCount()):
        lines.append("\t".join(str(model.index(row, c).data() or "") for c in columns))
    return "\n".join(lines) + "\n"


class CopyMenu:
    """The context menu of a widget: "Copy table", "Copy picture", and what else is given.

    Parameters
    ----------
    widget : QWidget
    picture : callable, optional
        Gives what "Copy picture" copies; the widget's own picture without.
    table : callable, optional
        Gives the TSV of "Copy table".
    """

    def __init__(
        self,
        widget: QWidget,
        *,
        picture: Callable[[], QImage] | None = None,
        table: Callable[[], str] | None = None,
    ) -> None:
        self._widget = widget
        self._picture = picture or (lambda: picture_of(widget))
        self._table = table
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self.show)

    def show(self, position: QPoint) -> None:
        """Show the menu at a place of the widget."""
        menu = self.menu()
        menu.exec(self._widget.mapToGlobal(position))
        menu.deleteLater()

    def menu(self) -> QMenu:
        """Return a new menu."""
        menu = QMenu(self._widget)
        if self._table is not None:
            table = self._table
            menu.addAction(menu.tr("Copy &table")).triggered.connect(lambda: copy_text(table()))
        picture = self._picture
        menu.addAction(menu.tr("Copy &picture")).triggered.connect(lambda: copy_picture(picture()))
        return menu

"""The line icons of ``resources/icons``, drawn in the colours of the theme."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from viewer.resources import resource
from viewer.ui.theme import theme

_SIZES = (18, 36)


@cache
def icon(name: str) -> QIcon:
    """Return an icon with a normal, a chosen and a disabled state.

    Raises
    ------
    RadviewError
        When no icon has that name.
    """
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    colours = theme()
    made = QIcon()
    states = (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.text),
        (QIcon.Mode.Normal, QIcon.State.On, "#ffffff"),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.dim),
        (QIcon.Mode.Disabled, QIcon.State.On, colours.dim),
    )
    for mode, state, colour in states:
        for size in _SIZES:
            made.addPixmap(_drawn(drawing, colour, size), mode, state)
    return made


def application_icon() -> QIcon:
    """Return the icon of the window."""
    drawing = resource("icons/radiograph.svg").read_text(encoding="utf-8")
    made = QIcon()
    for size in (16, 32, 64, 128):
        made.addPixmap(_drawn(drawing, theme().accent, size))
    return made


def pixmap(name: str, size: int, colour: str) -> QPixmap:
    """Return an icon as a picture of one colour."""
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    return _drawn(drawing, colour, size)


def _drawn(drawing: str, colour: str, size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture

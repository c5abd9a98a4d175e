"""The line icons of ``resources/icons``, drawn in the colours of the theme."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

from viewer.resources import resource
from viewer.ui.theme import WINDOW_THEME, theme

_SIZES = (18, 23, 27, 36)
"""Of 18 logical pixels at 100, 125, 150 and 200 %: pictures that are scaled would be blurred."""


_names: dict[int, tuple[str, bool]] = {}
"""Which icon one is that a button or an action has, by its cache key."""


def icon(name: str, *, on_accent: bool = False) -> QIcon:
    """Return an icon with a normal, a chosen and a disabled state, in the window's theme.

    Parameters
    ----------
    on_accent : bool
        Whether it lies on the accent, where it is white in every theme.

    Raises
    ------
    RadviewError
        When no icon has that name.
    """
    made = _icon(name, on_accent, WINDOW_THEME.name)
    _names[made.cacheKey()] = (name, on_accent)
    return made


@cache
def _icon(name: str, on_accent: bool, theme_name: str) -> QIcon:
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    colours = theme(theme_name)
    made = QIcon()
    states = (
        (QIcon.Mode.Normal, QIcon.State.Off, "#ffffff" if on_accent else colours.text),
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


def _recolour() -> None:
    """Draw the icons of all buttons and actions again, in the theme the window has now."""
    for widget in QApplication.allWidgets():
        owners: list[QAction | QAbstractButton] = list(widget.actions())
        if isinstance(widget, QAbstractButton):
            owners.append(widget)
        for owner in owners:
            known = _names.get(owner.icon().cacheKey())
            if known is not None:
                owner.setIcon(icon(known[0], on_accent=known[1]))


WINDOW_THEME.changed.connect(_recolour)


def _drawn(drawing: str, colour: str, size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture

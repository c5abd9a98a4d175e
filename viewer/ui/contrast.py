"""Whether a text can be read: the contrast of two colours."""

from __future__ import annotations

from PySide6.QtGui import QColor

READABLE = 4.5
"""Least contrast of text (WCAG 2.1, success criterion 1.4.3)."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ("#rrggbb"), 1 to 21 (WCAG 2.1, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, ground: str) -> str:
    """Return a colour, or the nearest of its hue that is darker and can be read on a ground.

    Where none is (on a dark ground), the colour itself.
    """
    given = QColor(colour)
    for value in range(given.value(), -1, -4):
        tried = QColor.fromHsv(given.hsvHue(), given.hsvSaturation(), value).name()
        if contrast(tried, ground) >= READABLE:
            return tried
    return colour


def _luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.1), 0 to 1."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

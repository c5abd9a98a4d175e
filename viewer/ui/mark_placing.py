"""Where on a pane the lossy mark lies: clear of the texts and, at first, of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from viewer.ui import haloed_text
from viewer.ui.lossy_mark import Corner
from viewer.ui.theme import GRID, tabular

if TYPE_CHECKING:
    from viewer.ui.pane import Pane


def place_mark(pane: Pane, *, freely: bool) -> None:
    """Put the mark of a pane into its corner, beside or below what is written there.

    Parameters
    ----------
    freely : bool
        Whether to choose the corner where the picture is darkest below the mark.
    """
    font = tabular(pane.font())
    line = round(haloed_text.height(font))
    upper = pane.overlay.texts.upper_left
    widest = max((haloed_text.width(text, font) for text in upper), default=0)
    pane.mark.fit()
    beside = widest + pane.mark.width() + 3 * GRID <= pane.width()
    pane.mark.set_inset(Corner.UPPER_LEFT, len(upper) * line)
    pane.mark.set_inset(Corner.UPPER_RIGHT, 0 if beside else len(upper) * line)
    lines = 2 if pane.overlay.stacked(font, pane.width()) else 1
    for corner in (Corner.LOWER_LEFT, Corner.LOWER_RIGHT):
        pane.mark.set_inset(corner, lines * line + GRID // 2)
    if freely:
        pane.mark.corner = min(Corner, key=lambda corner: _covered(pane, corner))
    pane.mark.place()
    pane.overlay.kept_free = QRectF(pane.mark.geometry()) if pane.mark.text() else QRectF()


def _covered(pane: Pane, corner: Corner) -> float:
    """Return how much brightness the mark would hide in a corner."""
    image, geometry = pane.shown_values, pane.geometry_of_image
    if image is None or geometry is None:
        return 0.0
    x0, y0, _, _ = geometry.device_rectangle()
    spot, ratio = pane.mark.spot(corner), geometry.ratio
    left, top = round(spot.x() * ratio) - x0, round(spot.y() * ratio) - y0
    right = left + round(pane.mark.width() * ratio)
    bottom = top + round(pane.mark.height() * ratio)
    below = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    return float(below.sum())

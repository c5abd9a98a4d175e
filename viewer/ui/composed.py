"""One picture made of two: only what is visible is put together, from what is drawn already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import Header
from viewer.ui.geometry import Geometry
from viewer.ui.in_one_pane import BLEND, CHECKERBOARD, SWIPE, InOnePane
from viewer.ui.pictures import Drawn, GreyPicture

Values = NDArray[np.uint8]


class ComposedPicture:
    """A pane's own picture and another, put together as `InOnePane` says.

    Parameters
    ----------
    own, other : GreyPicture
    how : InOnePane
    """

    windowed = True

    def __init__(self, own: GreyPicture, other: GreyPicture, how: InOnePane) -> None:
        self.own = own
        self.other = other
        self._how = how

    @property
    def header(self) -> Header:
        """Of the image."""
        return self.own.header

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part."""
        own, other = _alike(self.own.draw(geometry).values, self.other.draw(geometry).values)
        left, top, _, _ = geometry.device_rectangle()
        how = self._how
        if how.mode == BLEND:
            return Drawn(blended(own, other, how.opacity))
        if how.mode == SWIPE:
            border = round(how.divider * geometry.width * geometry.ratio) - left
            return Drawn(swiped(own, other, border))
        if how.mode == CHECKERBOARD:
            return Drawn(
                checkered(own, other, max(1, round(how.tile * geometry.ratio)), (left, top))
            )
        return Drawn(own)

    def sampling(self, geometry: Geometry) -> str:
        """Return how the pixels of both become screen pixels."""
        return self.own.sampling(geometry)


def swiped(own: Values, other: Values, border: int) -> Values:
    """Return `other` left of the column `border`, `own` from it on."""
    border = min(max(border, 0), own.shape[1])
    if border == 0:
        return own
    result = own.copy()
    result[:, :border] = other[:, :border]
    return result


def blended(own: Values, other: Values, opacity: float) -> Values:
    """Return `own` over `other` at an opacity of 0 to 1."""
    import cv2

    if not own.size:
        return own
    return np.asarray(cv2.addWeighted(own, opacity, other, 1 - opacity, 0), np.uint8)


def checkered(own: Values, other: Values, tile: int, origin: tuple[int, int]) -> Values:
    """Return squares of both in turn, that of the pane's upper left corner being `other`'s.

    Parameters
    ----------
    tile : int
        Side of a square.
    origin : (x, y)
        Where on the pane the arrays begin.
    """
    result = own.copy()
    rows, columns = own.shape[:2]
    across = ((np.arange(columns) + origin[0]) // tile) % 2 == 0
    down = (np.arange(rows) + origin[1]) // tile
    for band in np.unique(down):
        inside = np.flatnonzero(down == band)
        strip = slice(inside[0], inside[-1] + 1)
        of_other = across if band % 2 == 0 else ~across
        result[strip, of_other] = other[strip, of_other]
    return result


def _alike(own: Values, other: Values) -> tuple[Values, Values]:
    """Return both in grey, or both in colour where overlay planes have coloured one."""
    if own.ndim == other.ndim:
        return own, other
    return tuple(  # type: ignore[return-value]
        np.repeat(each[..., None], 3, axis=2) if each.ndim == 2 else each for each in (own, other)
    )

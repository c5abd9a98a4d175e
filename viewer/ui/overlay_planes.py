"""Overlay planes drawn over a picture, at any zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.images.overlays import combined
from viewer.images.radiograph import Radiograph
from viewer.ui.geometry import Geometry
from viewer.ui.resampling import Pyramid

_COLOUR = np.array((255, 214, 80), np.float32)
_STRENGTH = 3.0
"""A line one pixel wide must not fade when the picture is made smaller."""


class OverlayPlanes:
    """All planes of an image as one, in a colour that no grey picture has."""

    def __init__(self, radiograph: Radiograph) -> None:
        rows, columns = radiograph.pixels.shape[:2]
        mask = combined(radiograph.overlays, rows, columns)
        self._pyramid = Pyramid(mask.view(np.uint8) * np.uint8(255))
        self._visible: tuple[Geometry, NDArray[np.float32]] | None = None

    def over(self, picture: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.uint8]:
        """Return a drawn part with the planes over it, shape (rows, columns, 3).

        Parameters
        ----------
        picture : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
            What is visible at `geometry`.
        """
        if self._visible is None or self._visible[0] != geometry:
            covered = self._pyramid.visible(geometry).astype(np.float32) * (_STRENGTH / 255)
            self._visible = geometry, np.minimum(covered, 1.0)
        share = self._visible[1][..., None]
        if picture.ndim == 2:
            picture = np.repeat(picture[..., None], 3, axis=2)
        if share.any():
            touched = share[..., 0] > 0
            mixed = picture[touched] * (1 - share[touched]) + _COLOUR * share[touched]
            picture = picture.copy()
            picture[touched] = np.rint(mixed).astype(np.uint8)
        return np.ascontiguousarray(picture)

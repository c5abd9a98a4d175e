"""What pictures draw, as images that Qt puts onto the screen as they are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from viewer.ui.pictures import Drawn

_OPAQUE = np.uint32(0xFF000000)


class ScreenImage:
    """Makes images of 32 bits a pixel in memory of its own, which is used again for the next.

    An image is valid until the next one is made.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0, np.uint32)

    def make(self, drawn: Drawn, ratio: float = 1.0) -> QImage:
        """Return what was drawn, without a conversion to come at each painting.

        Parameters
        ----------
        ratio : float
            Device pixels a logical pixel.
        """
        rows, columns = drawn.values.shape[:2]
        if self._memory.size < rows * columns:
            self._memory = np.empty(rows * columns, np.uint32)
        pixels = self._memory[: rows * columns].reshape(rows, columns)
        _fill(pixels, drawn)
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image


def _fill(pixels: NDArray[np.uint32], drawn: Drawn) -> None:
    import cv2

    values = np.ascontiguousarray(drawn.values)
    if drawn.colours is not None:
        _table(drawn.colours.tobytes()).take(values, out=pixels, mode="clip")
        return
    if not values.size:
        return
    # As bytes a pixel is blue, green, red and what is not used, on the machines there are.
    how = cv2.COLOR_GRAY2BGRA if values.ndim == 2 else cv2.COLOR_RGB2BGRA
    cv2.cvtColor(values, how, dst=pixels.view(np.uint8).reshape(*pixels.shape, 4))


@lru_cache(maxsize=16)
def _table(colours: bytes) -> NDArray[np.uint32]:
    wide = np.frombuffer(colours, np.uint8).reshape(256, 3).astype(np.uint32)
    red, green, blue = wide[:, 0], wide[:, 1], wide[:, 2]
    return (_OPAQUE | red << 16 | green << 8 | blue).astype(np.uint32)

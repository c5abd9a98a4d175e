"""What pictures draw, as images that Qt puts onto the screen as they are."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from viewer.ui.pictures import Drawn

_OPAQUE = np.uint32(0xFF000000)


def as_image(drawn: Drawn, ratio: float = 1.0) -> QImage:
    """Return an image of 32 bits a pixel, which is drawn without being converted each time.

    Parameters
    ----------
    ratio : float
        Device pixels a logical pixel.
    """
    values = np.ascontiguousarray(drawn.values)
    rows, columns = values.shape[:2]
    if values.ndim == 3:
        source = QImage(values.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    elif drawn.colours is None:
        source = QImage(values.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    else:
        colours = drawn.colours.astype(np.uint32)
        table = _OPAQUE | colours[:, 0] << 16 | colours[:, 1] << 8 | colours[:, 2]
        source = QImage(values.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        source.setColorTable(table.tolist())
    # The conversion copies: the values may go.
    image = source.convertToFormat(QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    return image

"""The small picture that the samples make: what a network would see."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.images import display
from viewer.images.radiograph import Radiograph
from viewer.images.voi import Voi
from viewer.ui.theme import theme

_SIDE = 192


class SmallPicture(QWidget):
    """Shows a radiograph of few pixels through the window in use, each pixel as a square."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Downsampled picture"))

    def sizeHint(self) -> QSize:
        """As large as the dock is meant to be."""
        return QSize(_SIDE, _SIDE)

    def heightForWidth(self, width: int) -> int:
        """Keep it a square, but not larger than is of use."""
        return min(width, _SIDE)

    def show_picture(self, radiograph: Radiograph | None, voi: Voi | None) -> None:
        """Show it, or nothing."""
        if radiograph is None:
            self.image = None
        else:
            table = display.grey_table(radiograph.header, voi, radiograph.pixels.dtype)
            grey = np.ascontiguousarray(table.apply(radiograph.pixels))
            rows, columns = grey.shape[:2]
            colour = grey.ndim == 3
            kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
            stride = columns * (3 if colour else 1)
            self.image = QImage(grey.tobytes(), columns, rows, stride, kind).copy()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it as large as there is room, unsmoothed."""
        painter = QPainter(self)
        side = float(min(self.width(), self.height()))
        area = QRectF((self.width() - side) / 2, 0, side, side)
        painter.fillRect(area, QColor(theme().pane))
        if self.image is not None:
            painter.drawImage(area, self.image)
            return
        painter.setPen(QColor(theme().quiet))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("Nothing sampled yet"))

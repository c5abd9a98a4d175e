"""A strip of small pictures: the same detail after 1, 2, 4, 8 and 16 passes of a codec."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from viewer.codecs.base import Target
from viewer.ui import formatting
from viewer.ui.theme import tabular

if TYPE_CHECKING:
    from viewer.session.layers import Layer

SIDE = 46


class LayerStrip(QWidget):
    """One button a layer; a click asks for it."""

    chosen = Signal(object)
    """The `Target` of the layer that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self._layers: tuple[Layer, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self.setAccessibleName(self.tr("Layers side by side"))
        self.hide()

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Show other layers; none hides the strip."""
        self._layers = tuple(layers)
        while len(self.buttons) > len(layers):
            button = self.buttons.pop()
            self._layout.removeWidget(button)
            # It is deleted once the window rests; until then it would lie below the others.
            button.hide()
            button.deleteLater()
        while len(self.buttons) < len(layers):
            self._add()
        for button, layer in zip(self.buttons, layers, strict=True):
            button.setIcon(QIcon(_pixmap(layer.picture)))
            fidelity = self.tr("exact") if math.isinf(layer.psnr_db) else f"{layer.psnr_db:.1f} dB"
            button.setText(f"{layer.label}\n{fidelity}")
            button.setToolTip(
                self.tr("{}: {} at {}").format(
                    layer.label, fidelity, formatting.bits_per_pixel(layer.bpp)
                )
            )
        self.setVisible(bool(layers))

    def show_target(self, target: Target) -> None:
        """Mark the layer that is asked for, if it is among those shown."""
        for button, layer in zip(self.buttons, self._layers, strict=True):
            same = target.kind == layer.target.kind
            button.setChecked(same and math.isclose(target.value, layer.target.value))

    def _add(self) -> None:
        number = len(self.buttons)
        button = QToolButton(self)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(SIDE, SIDE))
        button.setFont(tabular(button.font()))
        button.setAutoRaise(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._on_clicked(number))
        self._layout.addWidget(button)
        self.buttons.append(button)

    def _on_clicked(self, number: int) -> None:
        self.chosen.emit(self._layers[number].target)


def _pixmap(picture: NDArray[np.uint8]) -> QPixmap:
    """The picture as large as the strip shows it, on any screen."""
    data = np.ascontiguousarray(picture)
    rows, columns = data.shape[:2]
    colour = data.ndim == 3
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    image = QImage(data.data, columns, rows, columns * (3 if colour else 1), kind)
    return QPixmap.fromImage(image.copy())

"""One tile of a coding: its pixels before and after, what is wrong with them, and its code."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from viewer.codecs.inspection import Inside, TileInside
from viewer.ui import formatting
from viewer.ui.colour_maps import signed_map
from viewer.ui.plot_style import SERIES, make_plot
from viewer.ui.theme import GRID, set_role, tabular

_SIDE = 96
"""Of a tile on the page, in the window's pixels."""


class TilePage(QWidget):
    """The tile that was clicked: three pictures, the numbers of its code as bars, its figures."""

    tile_changed = Signal(object)
    """A `TileInside`, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint, self.figures = QLabel(self), QLabel(self)
        for label in (self.hint, self.figures):
            label.setWordWrap(True)
        self.figures.setFont(tabular(self.figures.font()))
        set_role(self.hint, "quiet")
        self.pictures = tuple(QLabel(self) for _ in range(3))
        grid = QGridLayout()
        titles = (self.tr("Original"), self.tr("Decoded"), self.tr("Error"))
        for column, (picture, title) in enumerate(zip(self.pictures, titles, strict=True)):
            picture.setFixedSize(_SIDE, _SIDE)
            picture.setAccessibleName(title)
            grid.addWidget(picture, 0, column)
            grid.addWidget(QLabel(title, self), 1, column, Qt.AlignmentFlag.AlignHCenter)
        grid.setColumnStretch(3, 1)
        self.plot = make_plot(
            self.tr("Code of the tile"), self.tr("value"), self.tr("number of the code")
        )
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumHeight(120)
        self.plot.setYRange(0.0, 1.0)
        self.bars = pg.BarGraphItem(x=[], height=[], width=0.8, brush=SERIES[0], pen=None)
        self.plot.addItem(self.bars)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, GRID, 12, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.hint)
        layout.addLayout(grid)
        layout.addWidget(self.figures)
        layout.addWidget(self.plot, 1)
        self._inside: Inside | None = None
        self._at: tuple[int, int] | None = None
        self.tile: TileInside | None = None
        self._inverted = False

    @property
    def cell(self) -> int:
        """Side of a tile in pixels of the image, 0 where there are none."""
        return 0 if self._inside is None else self._inside.cell

    def show_inside(self, inside: Inside | None, *, inverted: bool = False) -> None:
        """Take another coding; the same place of it is shown where it has tiles.

        Parameters
        ----------
        inverted : bool
            Whether low values are bright.
        """
        self._inside, self._inverted = inside, inverted
        if inside is None:
            self._show(None)
        else:
            self.pick(self._at)

    def forget_place(self) -> None:
        """Another image is on the panes: what was clicked lies in none of it."""
        self._at = None
        self._show(None)

    def pick(self, at: tuple[int, int] | None) -> None:
        """Show the tile that holds a pixel (column, row) of the image."""
        self._at = at
        inside = self._inside
        there = inside is not None and inside.cell and at is not None
        self._show(inside.tile(at[1], at[0]) if there and inside and at else None)

    def _show(self, tile: TileInside | None) -> None:
        self.tile = tile
        self.tile_changed.emit(tile)
        self.hint.setText("" if tile else self.tr("Click into the original to see a tile."))
        self.hint.setVisible(tile is None)
        for picture in self.pictures:
            picture.setVisible(tile is not None)
        self.plot.setVisible(tile is not None)
        self.figures.setVisible(tile is not None)
        if tile is None:
            return
        low = float(min(tile.original.min(), tile.decoded.min()))
        high = float(max(tile.original.max(), tile.decoded.max(), low + 1))
        greys = [self._grey(pixels, low, high) for pixels in (tile.original, tile.decoded)]
        most = max(float(np.abs(tile.error).max()), 1.0)
        wrong = signed_map()[np.rint(128 + 126 * tile.error / most).astype(np.uint8)]
        for picture, colours in zip(self.pictures, (*greys, wrong), strict=True):
            picture.setPixmap(_pixmap(colours, self.devicePixelRatioF()))
        self.bars.setOpts(x=np.arange(1, tile.code.size + 1), height=tile.code)
        self.plot.setXRange(0.5, tile.code.size + 0.5)
        told = self.tr(
            "Row {row}, column {column} of the tiles: mean {mean}, scale ±{scale}, {count} "
            "numbers; {bits} bits; error {rmse} (root mean square), {most} at most"
        ).format(
            row=tile.place[0] + 1,
            column=tile.place[1] + 1,
            mean=formatting.figure(tile.mean),
            scale=formatting.figure(tile.scale),
            count=tile.code.size,
            bits=formatting.figure(tile.bits),
            rmse=formatting.figure(tile.rmse),
            most=formatting.figure(float(np.abs(tile.error).max())),
        )
        self.figures.setText(told)
        self.setAccessibleDescription(told)

    def _grey(self, pixels: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
        """Stretch to the range of both; low values are dark or bright as in the image."""
        grey = np.rint((pixels.astype(np.float64) - low) / (high - low) * 255).astype(np.uint8)
        if self._inverted:
            grey = 255 - grey
        return np.repeat(grey[..., None], 3, axis=2)


def _pixmap(colours: NDArray[np.uint8], ratio: float) -> QPixmap:
    """Enlarge a tile without smoothing; where the image's edge cuts it off it stays empty."""
    rows, columns = colours.shape[:2]
    cells = np.zeros((max(rows, columns), max(rows, columns), 4), np.uint8)
    cells[:rows, :columns, :3] = colours
    cells[:rows, :columns, 3] = 255
    side = cells.shape[0]
    image = QImage(cells.tobytes(), side, side, 4 * side, QImage.Format.Format_RGBA8888)
    wide = round(_SIDE * ratio)
    pixmap = QPixmap.fromImage(image.scaled(wide, wide))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap

"""What a pane can show: anything that draws its visible part; here, pixels through a grey table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.images import display
from viewer.images.radiograph import Header, LookupTable, Radiograph, StoredPixels, Window
from viewer.ui.colour_maps import Colours
from viewer.ui.geometry import Geometry
from viewer.ui.overlay_planes import OverlayPlanes
from viewer.ui.resampling import Pyramid

Voi = Window | LookupTable


@dataclass(frozen=True, slots=True)
class Drawn:
    """The visible part of a picture, one value a device pixel.

    Parameters
    ----------
    values : ndarray of uint8, shape (rows, columns) or (rows, columns, 3)
    colours : ndarray of uint8, shape (256, 3), or None
        What the values stand for; None: grey, or colour as it is.
    """

    values: NDArray[np.uint8]
    colours: Colours | None = None


class Picture(Protocol):
    """Something a pane can draw at any zoom.

    Attributes
    ----------
    windowed : bool
        Whether window and level change it.
    """

    windowed: bool

    @property
    def header(self) -> Header:
        """Of the image, for its size, aspect and texts."""

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part."""

    def sampling(self, geometry: Geometry) -> str:
        """Return in one word how pixels become screen pixels."""


class GreyTables:
    """The grey table in use, built once for the panes that share it."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._table: display.GreyTable | None = None

    def table(self, header: Header, voi: Voi | None, pixels: StoredPixels) -> display.GreyTable:
        """Return the table for these stored values."""
        key = (header, voi, pixels.dtype)
        same = len(self._key) == 3 and all(a is b for a, b in zip(key, self._key, strict=True))
        if self._table is None or not same:
            self._table = display.grey_table(header, voi, pixels.dtype)
            self._key = key
        return self._table


class GreyPicture:
    """Stored pixels, seen through Modality LUT, VOI and polarity.

    What is visible is kept between calls: while only the window changes, a table over the pixels
    of the screen is all there is to do.
    """

    windowed = True

    def __init__(self, radiograph: Radiograph, tables: GreyTables) -> None:
        self.radiograph = radiograph
        self.voi: Voi | None = None
        self._tables = tables
        self._pyramid = Pyramid(radiograph.pixels)
        self._visible: tuple[Geometry, StoredPixels] | None = None
        self._drawn: tuple[Geometry, display.GreyTable, bool, Drawn] | None = None
        self.overlaid = True
        self._planes: OverlayPlanes | None = None
        if radiograph.overlays:
            self._planes = OverlayPlanes(radiograph)

    @property
    def header(self) -> Header:
        """Of the image."""
        return self.radiograph.header

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part in grey, or in colour as stored."""
        table = self._tables.table(self.header, self.voi, self.radiograph.pixels)
        overlaid = self.overlaid and self._planes is not None
        kept = self._drawn
        if kept is not None and (kept[0], kept[2]) == (geometry, overlaid) and kept[1] is table:
            return kept[3]
        if self._visible is None or self._visible[0] != geometry:
            self._visible = (geometry, self._pyramid.visible(geometry))
        values = np.ascontiguousarray(table.apply(self._visible[1]))
        if overlaid and self._planes is not None:
            values = self._planes.over(values, geometry)
        drawn = Drawn(values)
        # Blinking, swiping and blending compose what is drawn already.
        self._drawn = geometry, table, overlaid, drawn
        return drawn

    def sampling(self, geometry: Geometry) -> str:
        """Return "pixels" from 1:1 upwards, else "smoothed"."""
        return "pixels" if geometry.device_scale >= 1 - 1e-9 else "smoothed"

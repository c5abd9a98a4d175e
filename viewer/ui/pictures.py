"""What a pane can show: stored pixels through a grey table, or a difference through colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.images import display
from viewer.images.radiograph import Header, LookupTable, Radiograph, StoredPixels, Window
from viewer.ui.colour_maps import Colours, absolute_map, signed_map
from viewer.ui.difference import DifferenceMap, coloured
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
    """Something a pane can draw at any zoom."""

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

    def __init__(self, radiograph: Radiograph, tables: GreyTables) -> None:
        self.radiograph = radiograph
        self.voi: Voi | None = None
        self._tables = tables
        self._pyramid = Pyramid(radiograph.pixels)
        self._visible: tuple[Geometry, StoredPixels] | None = None
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
        if self._visible is None or self._visible[0] != geometry:
            self._visible = (geometry, self._pyramid.visible(geometry))
        values = self._visible[1]
        table = self._tables.table(self.header, self.voi, values)
        drawn = np.ascontiguousarray(table.apply(values))
        if self._planes is not None and self.overlaid:
            drawn = self._planes.over(drawn, geometry)
        return Drawn(drawn)

    def sampling(self, geometry: Geometry) -> str:
        """Return "pixels" from 1:1 upwards, else "smoothed"."""
        return "pixels" if geometry.device_scale >= 1 - 1e-9 else "smoothed"


class DifferencePicture:
    """Reconstruction minus original, through its own colours at its own gain.

    Parameters
    ----------
    largest : int
        Largest absolute error, as it was measured.
    """

    def __init__(self, original: Radiograph, reconstruction: Radiograph, largest: int) -> None:
        self._header = original.header
        self.map = DifferenceMap(original.pixels, reconstruction.pixels, original.peak, largest)
        self.gain = self.map.first_gain
        self.signed = True

    @property
    def header(self) -> Header:
        """Of the image compared."""
        return self._header

    @property
    def colours(self) -> Colours:
        """The colour map in use."""
        return signed_map() if self.signed else absolute_map()

    @property
    def end(self) -> float:
        """The error in stored grey levels at the end of the colours."""
        return self.map.peak / self.gain

    def draw(self, geometry: Geometry) -> Drawn:
        """Return the visible part; below 1:1 the strongest error under each screen pixel."""
        errors = self.map.visible(geometry)
        return Drawn(coloured(errors, self.map.peak, self.gain, self.signed), self.colours)

    def sampling(self, geometry: Geometry) -> str:
        """Return "pixels" from 1:1 upwards, else "strongest"."""
        return "pixels" if geometry.device_scale >= 1 - 1e-9 else "strongest"

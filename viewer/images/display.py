"""Stored values -> 8-bit picture: Modality LUT, VOI, polarity last. Pure numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from viewer.images.radiograph import Header, Radiograph, StoredPixels, Window
from viewer.images.stored import stored_range
from viewer.images.voi import Voi, brightness, modality_values, window_between

Picture = NDArray[np.uint8]

_SAMPLED = 1 << 18
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class GreyTable:
    """Maps stored values of one type to a picture.

    Parameters
    ----------
    dtype : dtype
        Of the pixels it is for.
    levels : ndarray of uint8 or None
        One entry for every bit pattern of `dtype`: shape (256,) or (65536,), with a last axis of
        3 for palettes. None for 32-bit pixels, which are computed one by one.
    header : Header
    voi : Window or LookupTable
    """

    dtype: np.dtype[Any]
    levels: Picture | None
    header: Header = field(repr=False)
    voi: Voi

    def apply(self, pixels: StoredPixels, out: Picture | None = None) -> Picture:
        """Return the picture of `pixels`.

        Parameters
        ----------
        pixels : ndarray of `dtype`
            A frame or any part or decimation of one.
        out : ndarray of uint8, optional
            Buffer to reuse, C-contiguous, of the picture's shape.

        Returns
        -------
        ndarray of uint8
            (rows, columns), or (rows, columns, 3) for colour.

        Raises
        ------
        ValueError
            When the pixels are of another type.
        """
        if pixels.dtype != self.dtype:
            raise ValueError(f"the table is for {self.dtype}, the pixels are {pixels.dtype}")
        if self.levels is None:
            return _computed(self.header, self.voi, pixels, out)
        patterns = pixels.view(f"u{self.dtype.itemsize}")
        if out is None:
            out = np.empty(pixels.shape + self.levels.shape[1:], np.uint8)
        axis = 0 if self.levels.ndim > 1 else None
        # numpy widens the patterns to indices: in blocks, so that these stay in the cache. Every
        # pattern has its entry; "clip" only spares the check.
        for rows in _row_blocks(pixels):
            np.take(self.levels, patterns[rows], axis=axis, out=out[rows], mode="clip")
        return out


def presets(header: Header, radiograph: Radiograph | None = None) -> tuple[Voi, ...]:
    """List the choices of the window menu.

    The file's windows, its VOI LUTs, "Auto" (only when `radiograph` is given, as it needs
    pixels), "Full range". Empty for colour.
    """
    if _is_colour(header):
        return ()
    auto = () if radiograph is None else (auto_window(radiograph),)
    return (*header.grey.windows, *header.grey.voi_luts, *auto, full_range(header))


def default_voi(radiograph: Radiograph) -> Voi:
    """Return what an image is first shown with: the file's first choice, else `auto_window`."""
    grey = radiograph.header.grey
    if _is_colour(radiograph.header) or not (grey.windows or grey.voi_luts):
        return auto_window(radiograph)
    return grey.windows[0] if grey.windows else grey.voi_luts[0]


def auto_window(radiograph: Radiograph) -> Window:
    """Return the window from the 1st to the 99th percentile of modality values, no padding.

    At most some 260,000 pixels, evenly spread, are looked at. Colour has its full range.
    """
    header, pixels = radiograph.header, radiograph.pixels
    if _is_colour(header) or pixels.size == 0:
        return window_between(*_range(header), "Auto")
    step = max(1, int(np.ceil(np.sqrt(pixels.size / _SAMPLED))))
    sample = pixels[::step, ::step].ravel()
    if header.grey.padding is not None:
        first, last = header.grey.padding
        sample = sample[(sample < first) | (sample > last)]
        if not sample.size:
            return window_between(*_range(header), "Auto")
    values = modality_values(header.grey, sample)
    low, high = (float(value) for value in np.percentile(values, (1, 99)))
    if low == high:
        low, high = float(values.min()), float(values.max())
    return window_between(low, high, "Auto")


def full_range(header: Header) -> Window:
    """Return the window over all values the file can hold, in modality units."""
    return window_between(*_range(header), "Full range")


def grey_table(header: Header, voi: Voi | None, dtype: DTypeLike) -> GreyTable:
    """Build the table of one VOI.

    Parameters
    ----------
    header : Header
    voi : Window, LookupTable or None
        None is the full range. Colour images have none: palettes show their colours, RGB the
        high eight of the stored bits.
    dtype : dtype
        Of the pixels: uint8, uint16, int16, uint32 or int32.
    """
    kind = np.dtype(dtype)
    chosen = full_range(header) if voi is None or _is_colour(header) else voi
    if kind.itemsize > 2:
        return GreyTable(kind, None, header, chosen)
    patterns = np.arange(1 << (8 * kind.itemsize), dtype=f"u{kind.itemsize}")
    return GreyTable(kind, _levels(header, chosen, patterns.view(kind)), header, chosen)


def render(radiograph: Radiograph, voi: Voi | None = None) -> Picture:
    """Return the whole picture of a frame; without `voi`, with `default_voi`."""
    chosen = default_voi(radiograph) if voi is None else voi
    return grey_table(radiograph.header, chosen, radiograph.pixels.dtype).apply(radiograph.pixels)


def modality_value(header: Header, stored: float | int | np.integer[Any]) -> float:
    """Return a stored value in modality units (Rescale or Modality LUT)."""
    return float(modality_values(header.grey, np.asarray([stored]))[0])


def thumbnail(radiograph: Radiograph, side: int) -> Picture:
    """Return a picture of at most `side` x `side`, area-averaged, shown with `auto_window`.

    Pixels that are not square are made so. Smaller images are not enlarged.

    Returns
    -------
    ndarray of uint8
        (rows, columns), or (rows, columns, 3) for colour.
    """
    header, pixels = radiograph.header, radiograph.pixels
    # Far more pixels than are shown tell the eye nothing: eight a side are averaged at most.
    step = max(1, min(pixels.shape[:2]) // (8 * side))
    pixels = np.ascontiguousarray(pixels[::step, ::step])
    picture = grey_table(header, auto_window(radiograph), pixels.dtype).apply(pixels)
    height, width = picture.shape[0] * header.aspect, float(picture.shape[1])
    scale = min(1.0, side / max(height, width))
    rows = max(1, min(round(height * scale), picture.shape[0]))
    columns = max(1, min(round(width * scale), picture.shape[1]))
    return _averaged(picture, rows, columns)


def _is_colour(header: Header) -> bool:
    return header.samples == 3 or header.palette is not None


def _range(header: Header) -> tuple[float, float]:
    """Return the lowest and highest modality value the stored bits allow."""
    low, high = stored_range(header.bits_stored, header.signed)
    if header.grey.modality_lut is not None:
        table = header.grey.modality_lut
        first = int(np.clip(low - table.first_mapped, 0, table.values.size - 1))
        last = int(np.clip(high - table.first_mapped, 0, table.values.size - 1))
        reached = table.values[first : last + 1]
        return float(reached.min()), float(reached.max())
    ends = modality_values(header.grey, np.asarray([low, high], dtype=np.int64))
    return float(ends.min()), float(ends.max())


def _levels(header: Header, voi: Voi, stored: NDArray[Any]) -> Picture:
    """Return the picture of stored values, whatever their shape."""
    if header.palette is not None:
        palette = header.palette
        index = stored.astype(np.int64) - palette.first_mapped
        return palette.colours[np.clip(index, 0, len(palette.colours) - 1)]
    grey = header.grey
    levels = brightness(modality_values(grey, stored), voi)
    if grey.inverted:
        np.subtract(1.0, levels, out=levels)
    levels *= 255.0
    levels += 0.5
    picture = levels.astype(np.uint8)
    if grey.padding is not None:
        # Padding is no part of the image: black, whatever the polarity.
        first, last = grey.padding
        picture[(stored >= first) & (stored <= last)] = 0
    return picture


def _computed(header: Header, voi: Voi, pixels: StoredPixels, out: Picture | None) -> Picture:
    """Compute 32-bit pixels block by block, for which no table has room."""
    if out is None:
        out = np.empty(pixels.shape, np.uint8)
    for rows in _row_blocks(pixels):
        out[rows] = _levels(header, voi, pixels[rows])
    return out


def _row_blocks(pixels: StoredPixels) -> Iterator[slice]:
    """Cut a picture into bands of some 65,000 pixels."""
    step = max(1, _BLOCK // max(1, pixels[:1].size))
    return (slice(top, top + step) for top in range(0, len(pixels), step))


def _averaged(picture: Picture, rows: int, columns: int) -> Picture:
    """Average the pixels that fall into each of `rows` x `columns` cells."""
    row_edges = np.arange(rows) * picture.shape[0] // rows
    column_edges = np.arange(columns) * picture.shape[1] // columns
    sums = np.add.reduceat(picture, row_edges, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(sums, column_edges, axis=1, dtype=np.uint32)
    heights = np.diff(row_edges, append=picture.shape[0])
    widths = np.diff(column_edges, append=picture.shape[1])
    counts = np.outer(heights, widths).reshape(rows, columns, *(1,) * (picture.ndim - 2))
    return ((sums + counts // 2) // counts).astype(np.uint8)

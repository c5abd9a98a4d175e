"""Colours of PALETTE COLOR images (PS3.3 C.7.6.3.1.5, .6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.images.dicom_attributes import Attributes
from viewer.images.dicom_grey import entries_of, resigned
from viewer.images.radiograph import Palette

_CHANNELS = ("Red", "Green", "Blue")
_MOST_ENTRIES = 1 << 16


def read_palette(attributes: Attributes, signed: bool, little_endian: bool) -> Palette:
    """Read a palette as 8-bit RGB.

    Parameters
    ----------
    signed : bool
        Of the stored values, and so of the first one that is mapped.
    little_endian : bool
        Of the words in which entries may be kept.

    Raises
    ------
    ValueError
        When it is missing or damaged.
    """
    descriptor = attributes.numbers("RedPaletteColorLookupTableDescriptor")
    if len(descriptor) != 3:
        raise ValueError("no palette")
    entries = (int(descriptor[0]) & 0xFFFF) or _MOST_ENTRIES
    first = resigned(int(descriptor[1]), signed)
    if attributes.has("SegmentedRedPaletteColorLookupTableData"):
        channels = _segmented(attributes, int(descriptor[1]), entries)
    else:
        channels = _plain(attributes, entries, little_endian)
    # Sixteen-bit entries are common that hold eight bits, in the high or in the low byte.
    if channels.max(initial=0) > 255:
        channels = np.right_shift(channels, 8, dtype=np.uint16)
    return Palette(np.ascontiguousarray(channels, dtype=np.uint8), first)


def _plain(attributes: Attributes, entries: int, little_endian: bool) -> NDArray[np.uint16]:
    tables = []
    for name in _CHANNELS:
        table = entries_of(
            attributes.value(f"{name}PaletteColorLookupTableData"), entries, little_endian
        )
        if table is None or not table.size:
            raise ValueError(f"no {name} table")
        tables.append(table[:entries].astype(np.uint16))
    shortest = min(table.size for table in tables)
    return np.stack([table[:shortest] for table in tables], axis=-1)


def _segmented(attributes: Attributes, first: int, entries: int) -> NDArray[np.uint16]:
    """Expand segments (PS3.3 C.7.9.2), which pydicom does."""
    from pydicom.pixels.processing import apply_color_lut

    inputs = np.arange(first, first + min(entries, _MOST_ENTRIES), dtype=np.int32)
    try:
        colours = apply_color_lut(inputs, attributes.dataset)
    except Exception as error:
        raise ValueError(str(error)) from None
    return np.asarray(colours[:, :3]).astype(np.uint16)

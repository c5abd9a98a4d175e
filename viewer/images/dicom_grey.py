"""Grey attributes of a DICOM header: rescale, lookup tables, windows, padding, palettes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.dicom_attributes import Attributes
from viewer.images.radiograph import Grey, LookupTable, VoiFunction, Window
from viewer.images.stored import stored_range

_FUNCTIONS: dict[str, VoiFunction] = {
    "": "LINEAR",
    "LINEAR": "LINEAR",
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}


def read_grey(
    attributes: Attributes,
    *,
    photometric: str,
    bits_stored: int,
    signed: bool,
    little_endian: bool,
    notices: list[str],
) -> Grey:
    """Read how stored values become grey (PS3.3 C.11.1, C.11.2, C.11.6).

    What is wrong in them is left out and said in `notices`.
    """
    slope, intercept = _rescale(attributes, notices)
    tables = _tables(attributes, "ModalityLUTSequence", signed, little_endian, notices)
    modality = tables[0] if tables else None
    lowest = stored_range(bits_stored, signed)[0] * slope + intercept
    return Grey(
        slope=slope,
        intercept=intercept,
        modality_lut=modality,
        windows=_windows(attributes, notices),
        voi_luts=tuple(
            _tables(
                attributes,
                "VOILUTSequence",
                modality is None and lowest < 0,
                little_endian,
                notices,
            )
        ),
        inverted=photometric == "MONOCHROME1"
        or (
            photometric == "MONOCHROME2"
            and attributes.text("PresentationLUTShape").upper() == "INVERSE"
        ),
        unit=_unit(attributes, rescaled=modality is None),
        padding=_padding(attributes, bits_stored, signed),
    )


def _rescale(attributes: Attributes, notices: list[str]) -> tuple[float, float]:
    slope = attributes.number("RescaleSlope")
    intercept = attributes.number("RescaleIntercept")
    if slope == 0:
        notices.append("Rescale Slope is 0; taken as 1.")
        slope = 1.0
    return 1.0 if slope is None else slope, intercept or 0.0


def _unit(attributes: Attributes, *, rescaled: bool) -> str:
    if not rescaled:
        items = attributes.items("ModalityLUTSequence")
        return items[0].text("ModalityLUTType") if items else ""
    unit = attributes.text("RescaleType")
    if not unit and attributes.text("Modality") == "CT":
        return "HU" if attributes.number("RescaleSlope") is not None else ""
    return unit


def _windows(attributes: Attributes, notices: list[str]) -> tuple[Window, ...]:
    centres = attributes.places("WindowCenter")
    widths = attributes.places("WindowWidth")
    names = attributes.text("WindowCenterWidthExplanation").split("\\")
    function = _FUNCTIONS.get(attributes.text("VOILUTFunction").upper().split("\\")[0], "LINEAR")
    windows = []
    for index, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        if centre is None or width is None:
            continue
        if width <= 0:
            notices.append(f"The window of width {width:g} is left out.")
            continue
        # LINEAR is not defined below a width of 1; what is meant is clear.
        fitting: VoiFunction = "LINEAR_EXACT" if function == "LINEAR" and width < 1 else function
        name = names[index].strip() if index < len(names) else ""
        windows.append(Window(centre, width, name, fitting))
    return tuple(windows)


def _padding(attributes: Attributes, bits_stored: int, signed: bool) -> tuple[int, int] | None:
    value = attributes.integer("PixelPaddingValue")
    if value is None:
        return None
    limit = attributes.integer("PixelPaddingRangeLimit")
    first = resigned(value, signed)
    last = first if limit is None else resigned(limit, signed)
    low, high = stored_range(bits_stored, signed)
    first, last = min(first, last), max(first, last)
    return None if last < low or first > high else (first, last)


def resigned(value: int, signed: bool) -> int:
    """Read a 16-bit value with the sign it ought to have ("US or SS")."""
    if signed and 0x7FFF < value <= 0xFFFF:
        return value - 0x10000
    return value + 0x10000 if not signed and -0x8000 <= value < 0 else value


def _tables(
    attributes: Attributes,
    sequence: str,
    signed_input: bool,
    little_endian: bool,
    notices: list[str],
) -> list[LookupTable]:
    tables = []
    for item in attributes.items(sequence):
        table = _table(item, signed_input, little_endian)
        if table is None:
            notices.append("A damaged lookup table is left out.")
        else:
            tables.append(table)
    return tables


def _table(item: Attributes, signed_input: bool, little_endian: bool) -> LookupTable | None:
    """Read LUT Descriptor and LUT Data of one item (PS3.3 C.11.1.1, C.11.2.1.1)."""
    descriptor = item.numbers("LUTDescriptor")
    if len(descriptor) != 3:
        return None
    entries = (int(descriptor[0]) & 0xFFFF) or 1 << 16
    values = entries_of(item.value("LUTData"), entries, little_endian)
    if values is None or values.size < entries:
        return None
    values = values[:entries].astype(np.uint16)
    # Some writers understate the depth; no entry may be brighter than white.
    bits = max(int(descriptor[2]), int(values.max()).bit_length())
    return LookupTable(
        values,
        resigned(int(descriptor[1]), signed_input),
        bits if 8 <= bits <= 16 else 16 if bits > 16 else 8,
        item.text("LUTExplanation"),
    )


def entries_of(data: Any, count: int, little_endian: bool) -> NDArray[Any] | None:
    """Return LUT Data as numbers, however it is stored: bytes, words, words of two bytes."""
    order = "<" if little_endian else ">"
    if isinstance(data, int):
        data = [data]
    if isinstance(data, bytes):
        if len(data) >= 2 * count:
            return np.frombuffer(data[: 2 * count], f"{order}u2")
        return np.frombuffer(data, np.uint8)
    try:
        words = np.asarray([int(value) & 0xFFFF for value in data or ()], np.uint16)
    except (TypeError, ValueError):
        return None
    if words.size < count <= 2 * words.size:
        return np.frombuffer(words.astype("<u2").tobytes(), np.uint8)
    return words

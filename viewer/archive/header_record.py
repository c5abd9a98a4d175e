"""`Header` <-> JSON: what the manifest keeps so that an image shows without its source file."""

from __future__ import annotations

import base64
import binascii
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import numpy as np

from viewer.archive.json_fields import Fields
from viewer.errors import ArchiveError
from viewer.images.radiograph import (
    Grey,
    Header,
    Identity,
    LookupTable,
    LossyHistory,
    Palette,
    Spacing,
    VoiFunction,
    Window,
)
from viewer.images.stored import MAX_SIDE, size_fault

MAX_FRAMES = 100_000
_IDENTITY = tuple(field.name for field in fields(Identity))
_SHORT = 64
_LUTS = 64
_TABLE_TEXT = 4 * 3 * 65536 // 3 + 8


def header_to_json(header: Header) -> dict[str, Any]:
    """Return a header as JSON values; the path stays out."""
    grey = header.grey
    return {
        "file_format": header.file_format,
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
        "samples": header.samples,
        "bits_allocated": header.bits_allocated,
        "bits_stored": header.bits_stored,
        "signed": header.signed,
        "photometric": header.photometric,
        "transfer_syntax": header.transfer_syntax,
        "identity": {name: getattr(header.identity, name) for name in _IDENTITY},
        "grey": {
            "slope": grey.slope,
            "intercept": grey.intercept,
            "modality_lut": _table(grey.modality_lut) if grey.modality_lut else None,
            "windows": [
                {"centre": w.centre, "width": w.width, "name": w.name, "function": w.function}
                for w in grey.windows
            ],
            "voi_luts": [_table(table) for table in grey.voi_luts],
            "inverted": grey.inverted,
            "unit": grey.unit,
            "padding": list(grey.padding) if grey.padding else None,
        },
        "spacing": (
            {
                "row": header.spacing.row,
                "column": header.spacing.column,
                "source": header.spacing.source,
                "plane": header.spacing.plane,
            }
            if header.spacing
            else None
        ),
        "orientation": list(header.orientation),
        "aspect": header.aspect,
        "lossy": {
            "lossy": header.lossy.lossy,
            "ratios": list(header.lossy.ratios),
            "methods": list(header.lossy.methods),
        },
        "notices": list(header.notices),
        "palette": (
            {
                "colours": base64.b64encode(header.palette.colours.tobytes()).decode("ascii"),
                "first_mapped": header.palette.first_mapped,
            }
            if header.palette
            else None
        ),
    }


def header_from_json(record: Fields, path: Path) -> Header:
    """Return the header of a record, checked.

    Parameters
    ----------
    record : Fields
    path : Path
        What `Header.path` shall be.

    Raises
    ------
    ArchiveError
        When something is missing, of another type or out of range.
    """
    rows, columns = (record.integer(key, 1, MAX_SIDE) for key in ("rows", "columns"))
    samples = record.integer("samples", 1, 3)
    allocated = record.integer("bits_allocated", 1, 32)
    fault = size_fault(rows, columns, samples, allocated)
    if fault or samples == 2:
        raise ArchiveError(f"The archive is not valid: {record.where}: {fault or '2 samples'}.")
    identity = record.fields("identity")
    left, right, top, bottom = _four(record)
    return Header(
        path=path,
        file_format=record.text("file_format", _SHORT),
        rows=rows,
        columns=columns,
        frames=record.integer("frames", 1, MAX_FRAMES),
        samples=samples,
        bits_allocated=allocated,
        bits_stored=record.integer("bits_stored", 1, max(allocated, 8)),
        signed=record.boolean("signed"),
        photometric=record.text("photometric", _SHORT),
        transfer_syntax=record.text("transfer_syntax", _SHORT),
        identity=Identity(**{name: identity.text(name) for name in _IDENTITY}),
        grey=_grey(record.fields("grey")),
        spacing=_spacing(record.fields("spacing")) if record.has("spacing") else None,
        orientation=(left, right, top, bottom),
        aspect=_positive(record, "aspect"),
        lossy=_lossy(record.fields("lossy")),
        notices=record.texts("notices", 100),
        palette=_palette(record.fields("palette")) if record.has("palette") else None,
    )


def _positive(record: Fields, key: str) -> float:
    value = record.number(key)
    if value <= 0:
        raise ArchiveError(f"The archive is not valid: '{key}' of {record.where} is not positive.")
    return value


def _four(record: Fields) -> tuple[str, ...]:
    letters = record.texts("orientation", 4)
    if len(letters) != 4:
        raise ArchiveError(f"The archive is not valid: {record.where} lacks its orientation.")
    return letters


def _grey(record: Fields) -> Grey:
    padding = record.numbers("padding", 2) if record.has("padding") else ()
    return Grey(
        slope=record.number("slope"),
        intercept=record.number("intercept"),
        modality_lut=(
            _read_table(record.fields("modality_lut")) if record.has("modality_lut") else None
        ),
        windows=tuple(_window(window) for window in record.objects("windows", 1000)),
        voi_luts=tuple(_read_table(table) for table in record.objects("voi_luts", _LUTS)),
        inverted=record.boolean("inverted"),
        unit=record.text("unit", _SHORT),
        padding=(int(padding[0]), int(padding[1])) if len(padding) == 2 else None,
    )


def _window(record: Fields) -> Window:
    function = record.text("function", _SHORT)
    for known in get_args(VoiFunction):
        if function == known:
            return Window(
                record.number("centre"), _positive(record, "width"), record.text("name"), known
            )
    raise ArchiveError(f"The archive is not valid: {record.where} has no known function.")


def _spacing(record: Fields) -> Spacing:
    return Spacing(
        _positive(record, "row"),
        _positive(record, "column"),
        record.text("source"),
        # Archives written before the plane was told do not have it.
        record.text("plane") if record.has("plane") else "",
    )


def _lossy(record: Fields) -> LossyHistory:
    return LossyHistory(
        record.boolean("lossy"), record.numbers("ratios", 100), record.texts("methods", 100)
    )


def _table(table: LookupTable) -> dict[str, Any]:
    values = np.ascontiguousarray(table.values, "<u2").tobytes()
    return {
        "values": base64.b64encode(values).decode("ascii"),
        "first_mapped": table.first_mapped,
        "bits": table.bits,
        "name": table.name,
    }


def _read_table(record: Fields) -> LookupTable:
    data = _base64(record, "values", 2)
    return LookupTable(
        np.frombuffer(data, "<u2").astype(np.uint16),
        record.integer("first_mapped", -(1 << 31), 1 << 32),
        record.integer("bits", 1, 16),
        record.text("name"),
    )


def _palette(record: Fields) -> Palette:
    data = _base64(record, "colours", 3)
    return Palette(
        np.frombuffer(data, np.uint8).reshape(-1, 3).copy(),
        record.integer("first_mapped", -(1 << 31), 1 << 32),
    )


def _base64(record: Fields, key: str, entry: int) -> bytes:
    try:
        data = base64.b64decode(record.text(key, _TABLE_TEXT), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or len(data) % entry:
        raise ArchiveError(f"The archive is not valid: '{key}' of {record.where} is no table.")
    return data

"""Measurements <-> the JSON object that archives keep of an image (docs/FORMAT.md section 5)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from viewer.archive.json_fields import Fields, dump, is_number, parse
from viewer.errors import ArchiveError, MeasureError
from viewer.metrics.measuring.measured import Measured, Measurement
from viewer.metrics.measuring.shapes import KINDS, MOST_POINTS, Shape

FORMAT, VERSION = "radview-measurements", 1
MOST_MEASUREMENTS = 10_000


def measurements_to_json(
    measurements: Sequence[Measurement], results: Mapping[int, Measured]
) -> bytes:
    """Return what an archive keeps; b"" where there is nothing to keep.

    Parameters
    ----------
    results : mapping of number to Measured
        Written along for other readers; this program measures again.
    """
    if not measurements:
        return b""
    return dump(
        {
            "format": FORMAT,
            "version": VERSION,
            "measurements": [_entry(m, results.get(m.number)) for m in measurements],
        }
    )


def measurements_from_json(data: bytes, frames: int = 1) -> tuple[Measurement, ...]:
    """Return the measurements of an image.

    Returns
    -------
    tuple of Measurement
        Empty for an object of another format, which archives may carry as well.

    Raises
    ------
    ArchiveError
        When it is not valid.
    """
    where = "the measurements"
    record = parse(data, where)
    if not record.has("format") or record.text("format", 64) != FORMAT:
        return ()
    if record.integer("version", 1, 1 << 31) > VERSION:
        raise ArchiveError("The measurements in the archive are of a later version.")
    found = tuple(_measurement(entry, frames) for entry in _entries(record))
    if len({m.number for m in found}) != len(found):
        raise ArchiveError("The archive is not valid: two measurements have the same number.")
    return found


def _entries(record: Fields) -> list[Fields]:
    return record.objects("measurements", MOST_MEASUREMENTS)


def _entry(measurement: Measurement, measured: Measured | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": measurement.number,
        "name": measurement.name,
        "kind": measurement.shape.kind,
        "frame": measurement.frame,
        "points": [[float(x), float(y)] for x, y in measurement.shape.points],
    }
    if measured is not None and measured.shape == measurement.shape:
        entry["scale"] = measured.scale.note
        entry["quantities"] = [
            {
                "quantity": q.key,
                "unit": q.unit,
                "original": _finite(q.original),
                "reconstruction": _finite(q.reconstruction),
                "difference": _finite(q.difference),
            }
            for q in measured.quantities
        ]
    return entry


def _finite(value: float | None) -> float | None:
    """None for what JSON cannot say: the infinite PSNR of what is identical."""
    return value if value is not None and math.isfinite(value) else None


def _measurement(entry: Fields, frames: int) -> Measurement:
    kind = entry.text("kind", 32)
    points = []
    for point in entry.values("points", MOST_POINTS):
        if not isinstance(point, list) or len(point) != 2 or not all(map(is_number, point)):
            raise ArchiveError(f"The archive is not valid: {entry.where} has a point that is none.")
        points.append((float(point[0]), float(point[1])))
    for known in KINDS:
        if kind == known:
            try:
                shape = Shape(known, tuple(points))
            except MeasureError as error:
                raise ArchiveError(f"The archive is not valid: {error}") from error
            return Measurement(
                entry.integer("number", 1, 1 << 31), shape, entry.integer("frame", 0, frames - 1)
            )
    raise ArchiveError(f"The archive is not valid: {entry.where} is of no known kind.")

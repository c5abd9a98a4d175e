"""Figures of measurements as they are written: on the image, in the table, for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from viewer.metrics.measuring.measured import TITLES, Measured, Measurement, Quantity

NONE = "–"
COLUMNS = (
    "Measurement", "Kind", "Quantity", "Original", "Reconstruction", "Difference", "Unit", "Basis",
)  # fmt: skip

_DIGITS = {
    "length": 1, "angle": 1, "area": 1, "perimeter": 1, "pixels": 0, "x": 0, "y": 0, "psnr": 2,
    "ssim": 4, "snr": 2, "mean": 2, "sd": 2, "max_error": 0,
}  # fmt: skip


def figure(quantity: Quantity, value: float | None, *, signed: bool = False) -> str:
    """Return a value with the digits of its quantity."""
    if value is None:
        return NONE
    if math.isinf(value):
        return "identical"
    digits = _DIGITS.get(quantity.key)
    if digits is None:
        digits = 0 if value == round(value) else 2
    if quantity.unit in ("mm", "mm²") and abs(value) < 10:
        digits = 2
    elif quantity.unit == "px²":
        digits = 0
    elif digits == 2 and abs(value) >= 1000:
        digits = 1
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.replace("-", "−")


def difference(quantity: Quantity) -> str:
    """Return what stands in the column of differences."""
    compares = quantity.key in ("psnr", "ssim", "max_error")
    return figure(quantity, quantity.difference, signed=not compares)


def label_lines(
    measurement: Measurement, measured: Measured | None, *, short: bool = False
) -> list[str]:
    """Return the lines written beside a shape on the image.

    Parameters
    ----------
    short : bool
        One line: the name and what matters most.
    """
    name = measurement.name
    if measured is None:
        return [name]
    head = measured.get("length") or measured.get("angle") or measured.get("value")
    if head is not None:
        lines = [f"{name}  {_both(head)}"]
        if head.key == "length" and measured.scale.short_note:
            lines[0] += f" {measured.scale.short_note}"
        return lines
    area, mean, sd = (measured.get(key) for key in ("area", "mean", "sd"))
    if short:
        return [name if mean is None else f"{name}  {_both(mean)}"]
    lines = [name if area is None else f"{name}  {figure(area, area.original)} {area.unit}"]
    lines.extend(f"{q.title} {_both(q)}" for q in (mean, sd) if q is not None)
    psnr, ssim = measured.get("psnr"), measured.get("ssim")
    if psnr is not None:
        text = f"PSNR {figure(psnr, psnr.difference)}"
        text += "" if math.isinf(psnr.difference or 0) else " dB"
        lines.append(text)
    if ssim is not None and ssim.difference is not None:
        lines.append(f"SSIM {figure(ssim, ssim.difference)}")
    return lines


def _both(quantity: Quantity) -> str:
    """Return "1874 → 1871 HU", or one value where both are the same by nature."""
    first = figure(quantity, quantity.original)
    unit = quantity.unit if quantity.unit not in ("stored value", "modality value") else ""
    if quantity.difference is None or quantity.reconstruction is None:
        text = first
    else:
        text = f"{first} → {figure(quantity, quantity.reconstruction)}"
    return f"{text}{'' if unit == '°' else ' '}{unit}".rstrip()


def rows(
    measurements: Sequence[Measurement], results: Mapping[int, Measured]
) -> list[tuple[str, ...]]:
    """Return a row a figure with the texts of `COLUMNS`, numbers unrounded and with a point."""
    found: list[tuple[str, ...]] = []
    for measurement in measurements:
        measured = results.get(measurement.number)
        if measured is None:
            continue
        for q in measured.quantities:
            basis = measured.scale.note if q.unit in ("mm", "mm²", "px", "px²", "°") else ""
            found.append(
                (
                    measurement.name,
                    TITLES[measurement.shape.kind],
                    q.title,
                    _plain(q.original),
                    _plain(q.reconstruction) if measured.compared else "",
                    _plain(q.difference),
                    q.unit,
                    basis,
                )
            )
    return found


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return "inf" if math.isinf(value) else f"{value:.10g}"


def as_csv(table: Sequence[Sequence[str]]) -> str:
    """Return rows below their titles as RFC 4180 text."""
    return _written(table, ",", "\r\n")


def as_tsv(table: Sequence[Sequence[str]]) -> str:
    """Return rows below their titles for a spreadsheet's clipboard."""
    return _written(table, "\t", "\n")


def _written(table: Sequence[Sequence[str]], between: str, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=between, lineterminator=end)
    writer.writerow(COLUMNS)
    writer.writerows(table)
    return text.getvalue()

"""What saving jobs do with measurements: CSV tables, structured reports, what archives keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.files import write_text
from viewer.metrics.measuring import texts
from viewer.metrics.measuring.measured import Measured, Measurement
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.images.radiograph import Header


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The measurements of the frame shown, with their figures.

    Parameters
    ----------
    header : Header
    coded : CodedImage or None
        What an archive holds of the image.
    original : bool
        Whether the original was measured, not what an archive decodes to.
    """

    header: Header
    measurements: tuple[Measurement, ...]
    results: Mapping[int, Measured]
    coded: CodedImage | None = None
    original: bool = True


def save_csv(path: Path, sheet: Sheet, *, progress: Progress, cancel: CancelToken) -> Path:
    """Write the figures as CSV, a row each."""
    write_text(path, texts.as_csv(texts.rows(sheet.measurements, sheet.results)))
    return path


def save_report(path: Path, sheet: Sheet, *, progress: Progress, cancel: CancelToken) -> Path:
    """Write a DICOM structured report that refers to the image."""
    from viewer.archive.structured_report import write_structured_report

    source: Path | bytes = sheet.header.path
    if sheet.coded is not None:
        source = sheet.coded.members.dicom_header()
    return write_structured_report(
        path, source, sheet.measurements, sheet.results, values=sheet.original
    )


def record(
    measurements: tuple[Measurement, ...] | None, results: Mapping[int, Measured]
) -> bytes | None:
    """Return what an archive keeps; None where the image was never looked at."""
    if measurements is None:
        return None
    from viewer.archive.measurement_record import measurements_to_json

    return measurements_to_json(measurements, results)

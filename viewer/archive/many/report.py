"""What a run came to, as a window shows it: of the run itself, or of the JSON that it wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.archive.many.records import BadFile, ImageRow, of_kind
from viewer.archive.many.summary import ManySummary
from viewer.errors import ArchiveError

_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a run, and the images that lost most.

    Parameters
    ----------
    folder : Path
        Of the archives.
    studies, images : int
    studies_finished_before, coded_again, exact : int
    source_bytes, archive_bytes : int
    images_per_second : float
    gated : bool
        Whether there was a quality gate.
    worst : tuple of ImageRow
    bad : tuple of BadFile
    notices : tuple of str
    """

    folder: Path
    studies: int
    images: int
    studies_finished_before: int
    coded_again: int
    exact: int
    source_bytes: int
    archive_bytes: int
    images_per_second: float
    gated: bool
    worst: tuple[ImageRow, ...]
    bad: tuple[BadFile, ...]
    notices: tuple[str, ...]


_COUNTS = (
    "studies",
    "images",
    "studies_finished_before",
    "coded_again",
    "exact",
    "source_bytes",
    "archive_bytes",
)


def report_of(summary: ManySummary) -> Report:
    """Return the report of a run."""
    return _report(summary.as_dict())


def read_report(path: Path) -> Report:
    """Return the report that ``--summary-json`` wrote.

    Raises
    ------
    ArchiveError
        When the file cannot be read or is no such summary.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ArchiveError(f"{path.name} is too large for a summary of archived studies.")
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path.name} cannot be read: {reason}.") from error
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{path.name} is no summary of archived studies.") from error
    try:
        return _report(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveError(f"{path.name} is no summary of archived studies.") from error


def _report(said: dict[str, Any]) -> Report:
    counts = {name: said[name] for name in _COUNTS}
    if not all(isinstance(each, int) for each in counts.values()):
        raise TypeError("a count is none")
    worst = tuple(of_kind(ImageRow, row) for row in said["worst"])
    for row in worst:
        # An archive is a name in the folder, not a way out of it.
        if row.archive in ("", ".", "..") or "/" in row.archive or "\\" in row.archive:
            raise ValueError("no name")
    return Report(
        folder=Path(said["folder"]),
        **counts,
        images_per_second=float(said["images_per_second"]),
        gated=said["gate"] is not None,
        worst=worst,
        bad=tuple(of_kind(BadFile, each) for each in said["bad"]),
        notices=tuple(map(str, said["notices"])),
    )

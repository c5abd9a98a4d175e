"""What a run came to: sentences, a table of every image, and the worst ten."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from viewer.archive.many.pace import in_units
from viewer.archive.many.records import BadFile, ImageRow, Outcome
from viewer.archive.many.settings import Settings

WORST = 10
_NAMED = 20


@dataclass(frozen=True, slots=True)
class ManySummary:
    """What a run came to, finished studies of earlier runs among it.

    Parameters
    ----------
    folder : Path
    settings : Settings
    outcomes : tuple of Outcome
        Of the studies found, those of earlier runs first.
    bad : tuple of BadFile
        Files in no archive, those that could not even be opened among them.
    resumed : int
        Studies that were finished before.
    seconds : float
    images_per_second : float
        Of this run's own images.
    run_notices : tuple of str
        What was met that belongs to no study.
    """

    folder: Path
    settings: Settings
    outcomes: tuple[Outcome, ...]
    bad: tuple[BadFile, ...]
    resumed: int
    seconds: float
    images_per_second: float
    run_notices: tuple[str, ...] = ()

    @property
    def rows(self) -> Iterator[ImageRow]:
        """The figures of every archived image."""
        for outcome in self.outcomes:
            yield from outcome.images

    def worst(self, count: int = WORST) -> list[ImageRow]:
        """Return the images that lost most: lowest PSNR first, none that are exact."""
        lossy = (row for row in self.rows if row.psnr_db is not None)
        return sorted(lossy, key=lambda row: (row.psnr_db, row.ssim or 0.0))[:count]

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--summary-json`` writes."""
        rows = list(self.rows)
        archived = [each for each in self.outcomes if each.archive]
        gate = self.settings.gate
        return {
            "folder": str(self.folder),
            "codec": self.settings.codec,
            "target": {"kind": self.settings.target.kind, "value": self.settings.target.value},
            "gate": asdict(gate) if gate.asks else None,
            "studies": len(archived),
            "studies_finished_before": self.resumed,
            "images": len(rows),
            "coded_again": sum(row.attempts > 1 for row in rows),
            "exact": sum(row.guarantee == "exact" for row in rows),
            "source_bytes": sum(each.source_bytes for each in archived),
            "archive_bytes": sum(each.archive_bytes for each in archived),
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
            "core_seconds": sum(each.core_seconds for each in archived),
            "rows": [asdict(row) for row in rows],
            "worst": [asdict(row) for row in self.worst()],
            "bad": [asdict(each) for each in self.bad],
            "notices": list(self._notices()),
        }

    def as_csv(self) -> str:
        """Return what ``--summary-csv`` writes: a line an image, then one a bad file."""
        text = io.StringIO()
        names = [each.name for each in fields(ImageRow)]
        writer = csv.DictWriter(text, ["state", *names], lineterminator="\n", restval="")
        writer.writeheader()
        for row in self.rows:
            state = "coded" if row.attempts == 1 else "coded again"
            writer.writerow({"state": state, **_cells(asdict(row))})
        for bad in self.bad:
            cells = _cells({"source": bad.path, "reason": bad.reason, "archive": bad.copy})
            writer.writerow({"state": "copied" if bad.copy else "not archived", **cells})
        return text.getvalue()

    def lines(self) -> list[str]:
        """Return the sentences printed at the end."""
        said = self.as_dict()
        saved = said["source_bytes"] - said["archive_bytes"]
        lines = [
            f"{self.folder}: {said['studies']} studies, {said['images']} images, "
            f"{in_units(said['source_bytes'])} in {in_units(said['archive_bytes'])} "
            f"({in_units(abs(saved))} {'saved' if saved >= 0 else 'more'}); "
            f"{self.resumed} were finished before; {self.images_per_second:.2f} images/s."
        ]
        if self.settings.gate.asks:
            lines.append(
                f"Quality gate: {said['coded_again']} image(s) missed it at first and were coded "
                f"again; {said['exact']} are exact."
            )
        if worst := self.worst():
            lines.append("Worst images:")
            lines += [f"  {_worst_line(row)}" for row in worst]
        lines += _at_most(self._notices(), "notices")
        if self.bad:
            lines.append(f"{len(self.bad)} file(s) are in no archive:")
            lines += [f"  {each}" for each in _at_most(_bad_lines(self.bad), "files")]
        return lines

    def _notices(self) -> dict[str, None]:
        of_studies = (notice for each in self.outcomes for notice in each.notices)
        return dict.fromkeys((*self.run_notices, *of_studies))


def _worst_line(row: ImageRow) -> str:
    ssim = "" if row.ssim is None else f", SSIM {row.ssim:.4f}"
    return (
        f"{row.psnr_db:.2f} dB{ssim}, error {row.max_error}, {row.ratio:.1f}:1: "
        f"{row.archive} image {row.number:04d} ({row.source})"
    )


def _bad_lines(bad: Iterable[BadFile]) -> list[str]:
    return [
        f"{each.path}: {each.reason}" + (f" Copied to {each.copy}." if each.copy else "")
        for each in bad
    ]


def _at_most(lines: Iterable[str], what: str) -> list[str]:
    listed = list(lines)
    more = len(listed) - _NAMED
    return listed if more <= 0 else [*listed[:_NAMED], f"And {more} more {what}."]


def _cells(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as a spreadsheet may have them: no text of a file's becomes a formula."""
    return {
        name: f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
        for name, value in values.items()
    }

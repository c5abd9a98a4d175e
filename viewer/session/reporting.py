"""What a saving job does for a report: composed and written in its thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.images.voi import Voi
from viewer.metrics.measuring import texts
from viewer.progress import CancelToken, Progress
from viewer.session.measurement_files import Sheet

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison
    from viewer.evaluation.rate_points import RatePoint


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What goes into a report besides pictures and figures.

    Parameters
    ----------
    identity : bool
        Whose image it is, and the name of its file.
    measurements, curve : bool
    """

    identity: bool = False
    measurements: bool = True
    curve: bool = True


def save_comparison_report(
    path: Path,
    comparison: Comparison,
    voi: Voi | None,
    sheet: Sheet | None,
    points: tuple[RatePoint, ...],
    options: ReportOptions,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Path:
    """Write one page of HTML or PDF, whole or not at all."""
    from viewer.evaluation.report.content import compose
    from viewer.evaluation.report.writing import write_report
    from viewer.linking import load_opencv

    load_opencv()
    progress(0.1, "composing")
    rows: list[tuple[str, ...]] = []
    if options.measurements and sheet is not None:
        rows = texts.rows(sheet.measurements, sheet.results)
    content = compose(
        comparison,
        voi,
        measurements=rows,
        points=points if options.curve else (),
        with_identity=options.identity,
        cancel=cancel,
    )
    progress(0.5, "writing")
    return write_report(path, content)

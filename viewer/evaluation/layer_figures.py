"""A codec with counted qualities at each of them, beside JPEG 2000 with as many bytes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.errors import MeasureError, RadviewError
from viewer.evaluation.comparison import Comparison, compare_radiograph
from viewer.images.opening import looks_like_image, read_frame, read_header
from viewer.progress import NEVER, CancelToken, Progress, silent

REFERENCE = "jpeg2000"
MEANS = ("bpp", "psnr_db", "ssim", "ms_ssim", "max_error", "encode_s", "decode_s")


@dataclass
class LayerFigures:
    """Means over pictures, a row a quality.

    Attributes
    ----------
    codec, model, device
    title
        What the qualities count.
    pictures
        How many.
    falling
        How often a picture's PSNR fell from one quality to the next.
    rows
        ``step``, the means, and ``jpeg2000`` with the same of the reference.
    skipped
        A sentence for each file left out.
    """

    codec: str
    title: str
    model: str = ""
    device: str = ""
    pictures: int = 0
    falling: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what the JSON file holds."""
        return dict(vars(self))

    def table(self) -> str:
        """Return the rows as text."""
        lines = [
            f"{self.pictures} pictures, {self.model}, {self.device}; means. JPEG 2000 beside, "
            "asked for the same bits per pixel of each picture.",
            f"{self.title:>14} {'bpp':>7} {'PSNR dB':>8} {'SSIM':>7} {'MS-SSIM':>8} "
            f"{'largest':>8} {'J2K dB':>7} {'J2K SSIM':>9}",
        ]
        for row in self.rows:
            other = row.get(REFERENCE, {})
            lines.append(
                f"{row['step']:>14} {_told(row['bpp'], 4):>7} {_told(row['psnr_db'], 2):>8} "
                f"{_told(row['ssim'], 4):>7} {_told(row['ms_ssim'], 4):>8} "
                f"{_told(row['max_error'], 0):>8} {_told(other.get('psnr_db'), 2):>7} "
                f"{_told(other.get('ssim'), 4):>9}"
            )
        lines.append(
            f"A picture's PSNR fell from one step to the next {self.falling} times of "
            f"{self.pictures * max(len(self.rows) - 1, 0)}."
        )
        return "\n".join(lines)


def layer_figures(
    folder: Path,
    codec: str,
    *,
    limit: int | None = None,
    steps: Sequence[int] | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> LayerFigures:
    """Code each picture of a folder at each quality of a codec.

    Parameters
    ----------
    folder : Path
        Read in the order of names, without its subfolders.
    codec : str
        One whose qualities are counted.
    limit : int, optional
        Only the first so many pictures.
    steps : sequence of int, optional
        Only these qualities, by what they are called.

    Raises
    ------
    RadviewError
        When the folder holds no picture that opens, or the codec has no such qualities.
    """
    info = registry.get(codec).info
    names = list(info.quality_steps)
    if not names:
        raise MeasureError(f"The qualities of {codec} are not counted: it has no layers.")
    wanted = list(steps) if steps is not None else names
    if not wanted or not set(wanted) <= set(names):
        raise MeasureError(f"{info.quality_title} of {codec} are {', '.join(map(str, names))}.")
    if not folder.is_dir():
        raise RadviewError(f"There is no folder {folder}.")
    files = [p for p in sorted(folder.iterdir()) if p.is_file() and looks_like_image(p)][:limit]
    found = LayerFigures(codec, info.quality_title or "Quality")
    kept: dict[int, list[tuple[dict[str, Any], dict[str, Any]]]] = {step: [] for step in wanted}
    for number, path in enumerate(files):
        try:
            radiograph = read_frame(read_header(path))
        except RadviewError as error:
            found.skipped.append(str(error))
            continue
        before = -math.inf
        for place, step in enumerate(wanted):
            done = (number + place / len(wanted)) / len(files)
            progress(done, f"picture {number + 1}/{len(files)}, {info.quality_title} {step}")
            target = Target("quality", 100.0 * (names.index(step) + 1) / len(names))
            ours = compare_radiograph(radiograph, codec, target, options=options, cancel=cancel)
            other = compare_radiograph(
                radiograph, REFERENCE, Target("bpp", ours.bpp), options=options, cancel=cancel
            )
            kept[step].append((ours.as_row(), other.as_row()))
            found.falling += ours.figures.psnr_db < before
            before = ours.figures.psnr_db
            found.model, found.device = _said(ours)
        found.pictures += 1
    if not found.pictures:
        raise RadviewError(f"The folder {folder} holds no picture that opens.")
    for step, pairs in kept.items():
        row: dict[str, Any] = {"step": step, **_means([ours for ours, _ in pairs])}
        row[REFERENCE] = _means([other for _, other in pairs])
        found.rows.append(row)
    return found


def _said(comparison: Comparison) -> tuple[str, str]:
    return comparison.encoded.model, comparison.device


def _means(rows: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name in MEANS:
        values = [row[name] for row in rows if row[name] is not None]
        means[name] = round(statistics.fmean(values), 5) if values else None
    return means


def _told(value: float | None, digits: int) -> str:
    return "n/a" if value is None else f"{value:.{digits}f}"

"""Kwon et al. (2020), figure 3: what codecs do to disturbed radiographs and to other modalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer import __version__
from viewer.codecs.base import Options
from viewer.errors import CodecError, ImageError, MeasureError
from viewer.evaluation.coders import Coder, coder
from viewer.evaluation.contact_sheet import Cell, eight_bits
from viewer.evaluation.perturbations import STRENGTHS, UNITS, perturb
from viewer.evaluation.pictures import Picture, read_pictures
from viewer.evaluation.row_cache import RowCache
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.metrics.bootstrap import mean_interval
from viewer.metrics.figures import compare
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of picture to code.

    Parameters
    ----------
    kind : str
        "clean", a perturbation, or "other modality".
    name : str
        Strength with its unit, or what the picture shows.
    strength : float
        0 where there is none.
    """

    kind: str
    name: str
    strength: float = 0.0


CASES = (
    Case("clean", "as is"),
    *(
        Case(kind, f"{strength:g} {UNITS[kind]}", strength)
        for kind, three in STRENGTHS.items()
        for strength in three
    ),
)


def robustness(
    paths: Sequence[Path],
    others: Sequence[tuple[str, Path]],
    codecs: Sequence[str],
    *,
    bpp: float,
    limit: int | None = None,
    crop: int | None = None,
    seed: int = 0,
    cache: Path | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> tuple[dict[str, Any], list[Cell]]:
    """Code disturbed pictures and other modalities, all asked for the same bits per pixel.

    Parameters
    ----------
    paths : sequence of Path
        Radiographs to disturb.
    others : sequence of (str, Path)
        What other pictures show, and their files; colour is taken as its luminance.

    Returns
    -------
    dict
        ``rows``: a mean a codec and case, of the disturbed picture against its reconstruction;
        ``bpp``, ``seed``, ``refused``.
    list of Cell
        The first radiograph in every case, and every other modality, for the contact sheet.

    Raises
    ------
    MeasureError
        When there is no picture.
    Cancelled
        Rows that are done stay in the cache.
    """
    refused: list[str] = []
    pictures = list(read_pictures(paths, limit=limit, crop=crop, refused=refused))
    if not pictures:
        raise MeasureError(f"There is no picture to disturb in {', '.join(map(str, paths))}.")
    coders = [coder(name, options) for name in codecs]
    kept = RowCache(None if cache is None else cache / "robustness.jsonl")
    work = [(case, pictures) for case in CASES]
    for shown, path in others:
        try:
            work.append((Case("other modality", shown), [_grey(path, crop)]))
        except ImageError as error:
            refused.append(str(error))
    rows: list[dict[str, Any]] = []
    cells: list[Cell] = []
    for number, (case, sources) in enumerate(work):
        disturbed = [_disturbed(p, case, seed + n) for n, p in enumerate(sources)]
        for one in coders:
            cancel.check()
            progress(number / len(work), f"{case.kind} {case.name}: {one.name}")
            try:
                found = [_figures(p, one, bpp, kept, cancel) for p in disturbed]
                cells.append(_cell(disturbed[0], case, one, bpp, found[0], cancel))
            except CodecError as error:
                refused.append(f"{case.kind} {case.name}: {error}")
                continue
            rows.append({**asdict(case), "codec": one.name, **_means(found, disturbed)})
    progress(1.0, "done")
    return {"bpp": bpp, "seed": seed, "rows": rows, "refused": refused}, cells


def _disturbed(picture: Picture, case: Case, seed: int) -> Picture:
    if case.kind not in STRENGTHS:
        return picture
    pixels = perturb(picture.pixels, picture.pixel_format, case.kind, case.strength, seed)
    return Picture(picture.name, picture.patient, pixels, picture.pixel_format)


def _grey(path: Path, crop: int | None) -> Picture:
    """The middle frame of a file, colour as its luminance (BT.601)."""
    header = read_header(path)
    pixels = read_frame(header, header.frames // 2).pixels
    if pixels.ndim == 3:
        weights = np.array([0.299, 0.587, 0.114])
        pixels = np.rint(pixels.astype(np.float64) @ weights).astype(pixels.dtype)
    if crop is not None:
        top, left = ((side - min(side, crop)) // 2 for side in pixels.shape)
        pixels = np.ascontiguousarray(pixels[top : top + crop, left : left + crop])
    return Picture(path.name, path.name, pixels, PixelFormat(header.bits_stored, header.signed))


def _figures(
    picture: Picture, one: Coder, bpp: float, kept: RowCache, cancel: CancelToken
) -> dict[str, Any]:
    depth = picture.pixel_format
    key = ("robust", __version__, picture.sha256(), depth, one.name, one.identity(), bpp)
    found = kept.get(*key)
    if found is None:
        coding = one.code(picture.pixels, picture.pixel_format, bpp, cancel)
        figures = compare(picture.pixels, coding.pixels, picture.pixel_format).as_row()
        found = {**figures, "bpp": 8 * len(coding.data) / picture.pixels.size}
        kept.put(found, *key)
    return found


def _means(found: list[dict[str, Any]], pictures: list[Picture]) -> dict[str, Any]:
    """Means over the pictures; PSNR over those that were not coded without loss."""
    groups = [p.patient for p in pictures]
    lossy = [(f["psnr_db"], g) for f, g in zip(found, groups, strict=True) if f["psnr_db"]]
    psnr = [p for p, _ in lossy]
    return {
        "pictures": len(found),
        "bpp": float(np.mean([f["bpp"] for f in found])),
        "psnr": float(np.mean(psnr)) if psnr else None,
        "psnr_interval": mean_interval(psnr, [g for _, g in lossy]) if psnr else None,
        "ssim": float(np.mean([f["ssim"] for f in found])),
        "max_error": max(f["max_error"] for f in found),
    }


def _cell(
    picture: Picture,
    case: Case,
    one: Coder,
    bpp: float,
    figures: dict[str, Any],
    cancel: CancelToken,
) -> Cell:
    decoded = one.code(picture.pixels, picture.pixel_format, bpp, cancel).pixels
    low, high = float(picture.pixels.min()), float(picture.pixels.max())
    psnr = f"{figures['psnr_db']:.1f} dB" if figures["psnr_db"] else "exact"
    return Cell(
        f"{case.kind}: {case.name}" if case.kind != "other modality" else case.name,
        f"{one.name} {figures['bpp']:.2f} bpp, {psnr}",
        eight_bits(picture.pixels, low, high),
        eight_bits(decoded, low, high),
        _difference(picture, decoded),
    )


def _difference(picture: Picture, decoded: NDArray[Any]) -> NDArray[np.uint8]:
    """Middle grey where nothing was lost; black and white at an error of 4 % of the range."""
    span = max(float(picture.pixels.max()) - float(picture.pixels.min()), 1.0)
    error = (decoded.astype(np.float64) - picture.pixels) / (0.04 * span)
    return np.clip(np.rint(127.5 + 127.5 * error), 0, 255).astype(np.uint8)


def robustness_text(result: dict[str, Any]) -> str:
    """Return the rows, a line each."""
    lines = [
        f"Asked for {result['bpp']:.3f} bits per pixel; PSNR of the disturbed picture against its "
        "reconstruction, peak 2^BitsStored - 1",
        f"{'kind':<16}{'strength / picture':<31}{'codec':<14}{'n':>4}{'bpp':>8}{'PSNR dB':>9}"
        f"{'SSIM':>8}{'max err':>9}",
    ]
    for row in result["rows"]:
        psnr = "exact" if row["psnr"] is None else f"{row['psnr']:.2f}"
        lines.append(
            f"{row['kind']:<16}{row['name']:<31}{row['codec']:<14}{row['pictures']:>4}"
            f"{row['bpp']:>8.3f}{psnr:>9}{row['ssim']:>8.4f}{row['max_error']:>9}"
        )
    return "\n".join([*lines, *(f"left out: {text}" for text in result["refused"])])

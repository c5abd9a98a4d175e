"""Rate-distortion curves of several codecs over images, from the bytes they write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer import __version__
from viewer.codecs.base import Options
from viewer.errors import CodecError, ImageError, MeasureError
from viewer.evaluation.coders import Coder, Coding, coder
from viewer.evaluation.pictures import Picture, picture_files, read_pictures
from viewer.evaluation.rd_result import RdResult, Row
from viewer.evaluation.row_cache import RowCache
from viewer.metrics.figures import compare
from viewer.progress import NEVER, CancelToken, Progress, silent

DEFAULT_RATES = (0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class InceptionPlan:
    """Whether and how inception distances are measured.

    Parameters
    ----------
    rates : tuple of float
        Bits per pixel, each one of the evaluation's rates.
    patches : int
        In all, at least; spread evenly over the images.
    seed : int
    codecs : tuple of str or None
        Of the evaluation's codecs, those to measure; all without.
    """

    rates: tuple[float, ...]
    patches: int = 10_000
    seed: int = 0
    codecs: tuple[str, ...] | None = None


def evaluate_rd(
    paths: Path | Sequence[Path],
    codecs: Sequence[str],
    *,
    rates: Sequence[float] | None = None,
    limit: int | None = None,
    crop: int | None = None,
    inception: InceptionPlan | None = None,
    cache: Path | None = None,
    options: Options = Options(),
    json_path: Path | None = None,
    plot_path: Path | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> RdResult:
    """Code every grey image with every codec at every rate and compare.

    Parameters
    ----------
    paths : Path or sequence of Path
        Files, and folders (not below); of multi-frame files the first frame.
    codecs : sequence of str
        Of the registry, and reference codecs (`viewer.evaluation.reference_codecs`).
    rates : sequence of float, optional
        Bits per pixel asked for; seven from 0.1 to 1 without.
    limit : int, optional
        Only the first so many images, by name.
    crop : int, optional
        Only the square of this side from the middle of each image.
    inception : InceptionPlan, optional
        Measure Frechet and kernel inception distances too.
    cache : Path, optional
        Folder that keeps rows and features for the next time; times in it are those of the first.
        Without, rows are kept nowhere, features in the user's cache.
    json_path, plot_path : Path, optional
        Where rows and curves, and the picture of the curves, are written.

    Raises
    ------
    ImageError
        When there is no image that can be used.
    MeasureError
        When the rates make no sense.
    UnknownCodecError
    Cancelled
        What is in the cache stays usable.
    """
    wanted = tuple(rates) if rates is not None else DEFAULT_RATES
    if not wanted or min(wanted) <= 0:
        raise MeasureError("The rates to evaluate must be above zero.")
    if inception is not None and not set(inception.rates) <= set(wanted):
        raise MeasureError("Inception distances are measured at rates of the evaluation alone.")
    sources = [paths] if isinstance(paths, Path) else list(paths)
    coders = [coder(name, options) for name in dict.fromkeys(codecs)]
    result = RdResult(
        " ".join(str(path) for path in sources),
        tuple(one.name for one in coders),
        wanted,
        crop=crop,
        about={one.name: one.about for one in coders},
    )
    rows = RowCache(None if cache is None else cache / "rows.jsonl")
    files = len(picture_files(sources)[:limit])
    share = 1.0 if inception is None else 0.3
    pictures = read_pictures(sources, crop=crop, limit=limit, refused=result.refused)
    for number, picture in enumerate(pictures):
        progress(share * number / files, f"image {number + 1}/{files}")
        for one in coders:
            result.rows += _rows(picture, one, wanted, rows, result.refused, cancel)
    if not result.rows:
        raise ImageError(f"There is no image in {result.folder} that can be evaluated.")
    if inception is not None:
        from viewer.evaluation.inception_distances import measure_distances

        result.inception = measure_distances(
            lambda: read_pictures(sources, crop=crop, limit=limit),
            [one for one in coders if one.name in (inception.codecs or codecs)],
            inception,
            cache,
            device=options.device,
            progress=lambda done, text: progress(share + (1 - share) * done, text),
            cancel=cancel,
        )
    if json_path is not None:
        result.write_json(json_path)
    if plot_path is not None:
        from viewer.evaluation.rd_plot import plot

        plot(result, plot_path)
    progress(1.0, "done")
    return result


def _rows(
    picture: Picture,
    one: Coder,
    rates: Sequence[float],
    kept: RowCache,
    refused: list[str],
    cancel: CancelToken,
) -> list[Row]:
    """One codec on one picture at every rate; nothing, and a sentence, where it refuses it."""
    refusal = one.refuses(picture.pixel_format)
    found: list[Row] = []
    digest = picture.sha256()
    for rate in rates:
        cancel.check()
        if refusal:
            break
        key = ("rd", __version__, digest, picture.pixel_format, one.name, one.identity(), rate)
        value = kept.get(*key)
        if value is None:
            try:
                coding = one.code(picture.pixels, picture.pixel_format, rate, cancel)
            except CodecError as error:
                refusal = str(error)
                break
            value = measure(picture, coding)
            kept.put(value, *key)
        found.append(
            Row(
                image=picture.name, patient=picture.patient, codec=one.name, asked_bpp=rate, **value
            )
        )
    if refusal:
        refused.append(f"{picture.name}: {refusal}")
        return []
    return found


def measure(picture: Picture, coding: Coding) -> dict[str, float | int | str | None]:
    """Return the figures of a coding under the names of `Row`."""
    figures = compare(
        picture.pixels, coding.pixels, picture.pixel_format, padding=picture.padding
    ).as_row()
    return {
        "bits_stored": picture.pixel_format.bits_stored,
        "bytes": len(coding.data),
        "bpp": 8 * len(coding.data) / picture.pixels.size,
        "megapixels": picture.megapixels,
        "psnr": figures["psnr_db"],
        "ssim": figures["ssim"],
        "ms_ssim": figures["ms_ssim"],
        "max_error": figures["max_error"],
        "encode_seconds": coding.encode.wall,
        "decode_seconds": coding.decode.wall,
        "encode_processor_seconds": coding.encode.processor,
        "decode_processor_seconds": coding.decode.processor,
        "setting": coding.setting,
        "model": coding.model,
    }

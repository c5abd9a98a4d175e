"""Rate-distortion curves of several codecs over a folder of images, from the bytes they write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.errors import ImageError, MeasureError
from viewer.evaluation.rd_result import RdResult, Row
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Radiograph
from viewer.metrics.figures import compare
from viewer.progress import NEVER, CancelToken, Progress, silent

DEFAULT_RATES = (0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0)
_SUFFIXES = {".jp2", ".j2k", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ""}


def evaluate_rd(
    folder: Path,
    codecs: Sequence[str],
    *,
    rates: Sequence[float] | None = None,
    limit: int | None = None,
    json_path: Path | None = None,
    plot_path: Path | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> RdResult:
    """Code every grey image of a folder with every codec at every rate and compare.

    Parameters
    ----------
    folder : Path
        Searched for images, not below.
    codecs : sequence of str
        Names in the registry; the last but one of a difference is its reference, both ways.
    rates : sequence of float, optional
        Bits per pixel asked for; seven from 0.1 to 1 without.
    limit : int, optional
        Only the first so many images, by name.
    json_path, plot_path : Path, optional
        Where rows and curves, and the picture of the curves, are written.

    Raises
    ------
    ImageError
        When the folder holds no image that can be used.
    """
    wanted = tuple(rates) if rates is not None else DEFAULT_RATES
    if not wanted or min(wanted) <= 0:
        raise MeasureError("The rates to evaluate must be above zero.")
    result = RdResult(str(folder), tuple(codecs), wanted)
    paths = _images(folder)[:limit]
    for number, path in enumerate(paths):
        cancel.check()
        progress(number / len(paths), f"image {number + 1}/{len(paths)}")
        try:
            radiograph = read_frame(read_header(path))
        except ImageError as error:
            result.refused.append(f"{path.name}: {error}")
            continue
        if radiograph.pixels.ndim != 2:
            result.refused.append(f"{path.name}: not grey")
            continue
        for name in codecs:
            for rate in wanted:
                cancel.check()
                result.rows.append(_measure(path, radiograph, name, rate, cancel))
    if not result.rows:
        raise ImageError(f"The folder {folder} holds no image that can be evaluated.")
    if json_path is not None:
        result.write_json(json_path)
    if plot_path is not None:
        from viewer.evaluation.rd_plot import plot

        plot(result, plot_path)
    progress(1.0, "done")
    return result


def _images(folder: Path) -> list[Path]:
    try:
        found = sorted(p for p in folder.iterdir() if p.is_file())
    except OSError as error:
        raise ImageError(f"The folder {folder} cannot be read.") from error
    return [p for p in found if p.suffix.lower() in _SUFFIXES and not p.name.startswith(".")]


def _measure(
    path: Path, radiograph: Radiograph, name: str, rate: float, cancel: CancelToken
) -> Row:
    codec = registry.get(name)
    header = radiograph.header
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    encoded = codec.encode(radiograph.pixels, pixel_format, Target("bpp", rate), cancel=cancel)
    decoded = codec.decode(encoded.data, cancel=cancel)
    padding = header.grey.padding
    figures = compare(radiograph.pixels, decoded.pixels, pixel_format, padding=padding)
    size = radiograph.pixels.size
    return Row(
        image=path.name,
        patient=header.identity.patient_id or path.stem.split("_")[0],
        codec=name,
        asked_bpp=rate,
        bpp=8 * len(encoded.data) / size,
        megapixels=size / 1e6,
        psnr=figures.psnr_db,
        ssim=figures.ssim,
        ms_ssim=figures.ms_ssim,
        encode_seconds=encoded.seconds,
        decode_seconds=decoded.seconds,
    )

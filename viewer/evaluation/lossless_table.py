"""What exact and bounded coding takes: vqvae2 in two parts beside codecs made for it.

Every bitstream is decoded and every pixel compared before its size counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewer.codecs.base import Options
from viewer.errors import CodecError, ImageError, MeasureError
from viewer.evaluation.coders import Times, timed
from viewer.evaluation.lossless_methods import Made, Method, methods
from viewer.evaluation.pictures import Picture, read_pictures
from viewer.progress import NEVER, CancelToken, Progress, silent

REFERENCE = "jpegls"


@dataclass(frozen=True, slots=True)
class Row:
    """One picture coded once.

    Parameters
    ----------
    test_set, picture, method : str
    bound : int
        Largest error asked for; 0: exact.
    max_error : int
        Largest error found.
    bits_stored : int
    pixels, bytes : int
    base_ratio : float or None
        Stored bits against those of the first part.
    model : str
        Name and short hash of the weights, "" for codecs without.
    encode_s, decode_s : float
        By the clock.
    encode_cpu_s, decode_cpu_s : float
        Of this process, all its threads together.
    """

    test_set: str
    picture: str
    method: str
    bound: int
    max_error: int
    bits_stored: int
    pixels: int
    bytes: int
    base_ratio: float | None
    model: str
    encode_s: float
    decode_s: float
    encode_cpu_s: float
    decode_cpu_s: float

    @property
    def bpp(self) -> float:
        """Bits per pixel of the whole bitstream."""
        return 8 * self.bytes / self.pixels


def lossless_table(
    sets: Sequence[Path],
    *,
    bounds: Sequence[int] = (0, 2),
    limit: int | None = None,
    crop: int | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Code every grey picture of every set within every bound.

    Parameters
    ----------
    sets : sequence of Path
        Folders, or files that are a set of their own.
    bounds : sequence of int
    limit : int, optional
        Pictures of each set, by name.
    crop : int, optional
        Side of the square from the middle that is coded; whole pictures without.

    Returns
    -------
    dict
        ``rows`` (see `Row`), ``summary`` (see `summary`), ``refused`` (sentences).

    Raises
    ------
    ImageError
        When no picture can be used.
    MeasureError
        When a codec does not keep its bound.
    Cancelled
    """
    rows: list[Row] = []
    refused: list[str] = []
    for number, folder in enumerate(sets):
        for picture in read_pictures([folder], crop=crop, limit=limit, refused=refused):
            cancel.check()
            progress(number / len(sets), f"{folder.name}: {picture.name}")
            rows += _measured(folder.name, picture, bounds, methods(options))
    if not rows:
        raise ImageError("There is no picture here that can be coded.")
    return {
        "rows": [asdict(row) for row in rows],
        "summary": summary(rows),
        "refused": refused,
    }


def _measured(
    name: str, picture: Picture, bounds: Iterable[int], ways: Iterable[Method]
) -> list[Row]:
    rows = []
    for bound in bounds:
        for way in ways:
            if bound and way.lossless_only:
                continue
            try:
                rows.append(_row(name, picture, bound, way))
            except CodecError as error:
                if "target" not in str(error):
                    raise
    return rows


def _row(name: str, picture: Picture, bound: int, way: Method) -> Row:
    made, encoding = timed(lambda: way.encode(picture, bound))
    pixels, decoding = timed(lambda: way.decode(made.data, picture))
    error = int(np.abs(pixels.astype(np.int32) - picture.pixels).max())
    if error > bound or pixels.dtype != picture.pixels.dtype:
        raise MeasureError(
            f"{way.name} is off by {error} in {picture.name}; {bound} was asked for."
        )
    return _told(name, picture, bound, way.name, made, error, encoding, decoding)


def _told(
    name: str,
    picture: Picture,
    bound: int,
    method: str,
    made: Made,
    error: int,
    encoding: Times,
    decoding: Times,
) -> Row:
    return Row(
        test_set=name,
        picture=picture.name,
        method=method,
        bound=bound,
        max_error=error,
        bits_stored=picture.pixel_format.bits_stored,
        pixels=picture.pixels.size,
        bytes=len(made.data),
        base_ratio=made.base_ratio,
        model=made.model,
        encode_s=encoding.wall,
        decode_s=decoding.wall,
        encode_cpu_s=encoding.processor,
        decode_cpu_s=decoding.processor,
    )


def summary(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Means of each set, bound and method, and what JPEG-LS takes in the same pictures.

    Returns
    -------
    list of dict
        ``bpp`` is of all pictures' bits over all their pixels; ``against_jpegls`` the mean over
        pictures of size / size of JPEG-LS, less one; ``pictures_below`` how many are smaller;
        times are CPU seconds a megapixel.
    """
    found = []
    for test_set, bound, method in dict.fromkeys((r.test_set, r.bound, r.method) for r in rows):
        own = [r for r in rows if (r.test_set, r.bound, r.method) == (test_set, bound, method)]
        sizes = {
            r.picture: r.bytes
            for r in rows
            if (r.test_set, r.bound, r.method) == (test_set, bound, REFERENCE)
        }
        ratios = [r.bytes / sizes[r.picture] for r in own if r.picture in sizes]
        pixels = sum(r.pixels for r in own)
        bases = [r.base_ratio for r in own if r.base_ratio]
        found.append(
            {
                "test_set": test_set,
                "bound": bound,
                "method": method,
                "pictures": len(own),
                "bpp": 8 * sum(r.bytes for r in own) / pixels,
                "against_jpegls": statistics.fmean(ratios) - 1 if ratios else None,
                "pictures_below": sum(ratio < 1 for ratio in ratios),
                "base_ratio": statistics.fmean(bases) if bases else None,
                "encode_cpu_s": 1e6 * sum(r.encode_cpu_s for r in own) / pixels,
                "decode_cpu_s": 1e6 * sum(r.decode_cpu_s for r in own) / pixels,
                "max_error": max(r.max_error for r in own),
            }
        )
    return found


def table_text(table: dict[str, Any]) -> str:
    """Return the summary, a line each."""
    lines = [
        f"{'set':<12}{'error':>6} {'codec':<13}{'n':>4}{'bpp':>8}{'vs JPEG-LS':>11}{'smaller':>8}"
        f"{'base':>7}{'enc s/MP':>9}{'dec s/MP':>9}"
    ]
    for row in table["summary"]:
        against, base = row["against_jpegls"], row["base_ratio"]
        lines.append(
            f"{row['test_set'][:11]:<12}{row['bound']:>6} {row['method']:<13}{row['pictures']:>4}"
            f"{row['bpp']:>8.3f}{'-' if against is None else f'{100 * against:+.1f} %':>11}"
            f"{row['pictures_below']:>8}{'-' if base is None else f'{base:.1f}:1':>7}"
            f"{row['encode_cpu_s']:>9.3f}{row['decode_cpu_s']:>9.3f}"
        )
    lines.append("Every bitstream was decoded and every pixel found within its bound; CPU seconds.")
    models = dict.fromkeys(row["model"] for row in table["rows"] if row["model"])
    if models:
        lines.append(f"Coded with {', '.join(models)}.")
    return "\n".join([*lines, *(f"left out: {text}" for text in table["refused"])])

"""Every file there and back: whole, all frames, colour too, a row a file and codec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.errors import CodecError, ImageError, MeasureError
from viewer.evaluation.pictures import picture_files
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken, Progress, silent

CODECS = ("vqvae2", "jpeg2000", "jpegls", "htj2k")


@dataclass(frozen=True, slots=True)
class Trip:
    """One file through one codec within one bound.

    Parameters
    ----------
    file : str
    rows, columns, frames, samples, bits_stored : int
    codec : str
    bound : int
        Largest error asked for; 0: exact.
    max_error : int
        Largest error found, over all samples of all frames.
    bytes : int
        Of all bitstreams.
    ratio : float
        Stored bits to those of the bitstreams.
    kept : bool
        Whether type, shape and format came back, and no error is above the bound.
    """

    file: str
    rows: int
    columns: int
    frames: int
    samples: int
    bits_stored: int
    codec: str
    bound: int
    max_error: int
    bytes: int
    ratio: float
    kept: bool


def round_trips(
    paths: Sequence[Path],
    *,
    codecs: Sequence[str] = CODECS,
    bounds: Sequence[int] = (0,),
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Code every image file of `paths` and below, decode, compare every sample of every frame.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders with all below them.
    codecs : sequence of str
        One that cannot keep a bound above 0 is asked for 0 alone.
    bounds : sequence of int

    Returns
    -------
    dict
        ``rows`` (see `Trip`) and ``refused`` (a sentence for every file that cannot be opened).

    Raises
    ------
    ImageError
        When there is no file that can be opened.
    Cancelled
    """
    files = list(_files(paths))
    rows: list[Trip] = []
    refused: list[str] = []
    names = [path.name for path in files]
    for number, path in enumerate(files):
        name = path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"
        try:
            header = read_header(path)
        except ImageError as error:
            refused.append(str(error))
            continue
        for codec in codecs:
            targets = registry.get(codec).info.targets
            for bound in bounds:
                if bound and "max_error" not in targets:
                    continue
                cancel.check()
                progress(number / len(files), f"{name}: {codec}")
                rows.append(_trip(header, name, codec, bound, options, cancel))
    if not rows:
        raise ImageError("There is no image here that can be coded.")
    return {"rows": [asdict(row) for row in rows], "refused": refused}


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        folders = [path]
        if path.is_dir():
            folders += sorted(entry for entry in path.rglob("*") if entry.is_dir())
        for folder in folders:
            yield from picture_files([folder])


def _trip(
    header: Header, name: str, codec_name: str, bound: int, options: Options, cancel: CancelToken
) -> Trip:
    codec = registry.get(codec_name)
    form = PixelFormat(header.bits_stored, header.signed)
    target = Target("max_error", bound) if bound else Target("lossless")
    size, worst, kept, samples, count = 0, 0, True, 1, 0
    for frame in range(header.frames):
        pixels = read_frame(header, frame).pixels
        samples = pixels.shape[2] if pixels.ndim == 3 else 1
        count += pixels.size
        try:
            data = codec.encode(pixels, form, target, options=options, cancel=cancel).data
            found = codec.decode(data, options=options, cancel=cancel)
        except CodecError as error:
            raise MeasureError(f"{codec_name} cannot code {name}: {error}") from error
        size += len(data)
        kept &= found.pixels.dtype == pixels.dtype and found.pixels.shape == pixels.shape
        kept &= found.pixel_format == form
        if found.pixels.shape == pixels.shape:
            apart = np.abs(found.pixels.astype(np.int64) - pixels).max()
            worst = max(worst, int(apart))
    return Trip(
        file=name,
        rows=header.rows,
        columns=header.columns,
        frames=header.frames,
        samples=samples,
        bits_stored=header.bits_stored,
        codec=codec_name,
        bound=bound,
        max_error=worst,
        bytes=size,
        ratio=count * header.bits_stored / (8 * size),
        kept=bool(kept and worst <= bound),
    )


def trips_text(found: dict[str, Any]) -> str:
    """Return a line a file: what each codec makes of its stored bits, and whether it came back."""
    rows = found["rows"]
    ways = list(dict.fromkeys((row["codec"], row["bound"]) for row in rows))
    heads = [codec if bound == 0 else f"{codec} +-{bound}" for codec, bound in ways]
    width = max(len(row["file"]) for row in rows)
    lines = [f"{'file':<{width}}{'size':>14}{'bits':>6}" + "".join(f"{h:>16}" for h in heads)]
    for file in dict.fromkeys(row["file"] for row in rows):
        own = {(row["codec"], row["bound"]): row for row in rows if row["file"] == file}
        first = next(iter(own.values()))
        times = "" if first["samples"] == 1 else f" x {first['samples']}"
        times += "" if first["frames"] == 1 else f", {first['frames']} frames"
        size = f"{first['columns']} x {first['rows']}{times}"
        cells = [_cell(own.get(way)) for way in ways]
        lines.append(
            f"{file:<{width}}{size:>14}{first['bits_stored']:>6}"
            + "".join(f"{cell:>16}" for cell in cells)
        )
    broken = [row for row in rows if not row["kept"]]
    files = len({row["file"] for row in rows})
    lines.append(
        f"{files} files whole, {len(rows)} round trips: "
        + ("all came back as asked, bit for bit where exact." if not broken else "NOT all kept.")
    )
    lines += [f"{row['file']}, {row['codec']}: off by {row['max_error']}." for row in broken]
    return "\n".join([*lines, *(f"left out: {text}" for text in found["refused"])])


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "-"
    return f"{row['ratio']:.2f}:1 " + ("yes" if row["kept"] else "NO")

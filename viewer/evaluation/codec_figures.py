"""Mean figures of a codec over a folder of pictures, from the bytes that are really written.

``python -m viewer.evaluation.codec_figures DIR --codec NAME [--bpp B | --ratio R]`` prints JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from viewer.codecs.base import Options, Target
from viewer.errors import RadviewError
from viewer.evaluation.comparison import compare_radiograph
from viewer.images.opening import looks_like_image, read_frame, read_header
from viewer.progress import NEVER, CancelToken, Progress, silent

MEANS = (
    "bpp",
    "ratio_16bit",
    "psnr_db",
    "ssim",
    "ms_ssim",
    "max_error",
    "encode_s",
    "decode_s",
)


def codec_figures(
    folder: Path,
    codec: str,
    target: Target,
    *,
    options: Options = Options(),
    every: int = 1,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> dict[str, Any]:
    """Code and decode each picture of a folder and average what `radview compare` prints.

    Parameters
    ----------
    folder
        Read in the order of names, without its subfolders.
    codec
        Name in the registry.
    target
        Asked for of each picture.
    every
        Look at every n-th picture alone.

    Returns
    -------
    dict
        ``codec, model, device, target, pictures, skipped``, ``mean`` of the figures (those that a
        picture lacks, such as an infinite PSNR, are left out of it), and ``largest_bpp``,
        ``lowest_psnr_db`` and ``lowest_ssim`` of the pictures.

    Raises
    ------
    RadviewError
        When the folder holds no picture that opens, or the codec refuses one.
    """
    if not folder.is_dir():
        raise RadviewError(f"There is no folder {folder}.")
    files = sorted(path for path in folder.iterdir() if path.is_file())
    files = [path for path in files if looks_like_image(path)][::every]
    rows: list[dict[str, Any]] = []
    skipped: list[str] = []
    for number, path in enumerate(files):
        cancel.check()
        progress(number / len(files), f"picture {number + 1}/{len(files)}")
        try:
            radiograph = read_frame(read_header(path))
        except RadviewError as error:
            skipped.append(str(error))
            continue
        compared = compare_radiograph(radiograph, codec, target, options=options, cancel=cancel)
        rows.append(compared.as_row())
    if not rows:
        raise RadviewError(f"The folder {folder} holds no picture that opens.")
    return {
        "codec": codec,
        "model": rows[0]["model"],
        "device": rows[0]["device"],
        "target": {target.kind: target.value},
        "pictures": len(rows),
        "skipped": skipped,
        "mean": {name: _mean([row[name] for row in rows]) for name in MEANS},
        "largest_bpp": max(row["bpp"] for row in rows),
        "lowest_psnr_db": min((p for r in rows if (p := r["psnr_db"]) is not None), default=None),
        "lowest_ssim": min((s for r in rows if (s := r["ssim"]) is not None), default=None),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return round(statistics.fmean(known), 5) if known else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON; 1 and one sentence when that fails."""
    parser = argparse.ArgumentParser(description="Mean figures of a codec over a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--codec", required=True)
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument("--bpp", type=float, help="bits per pixel (default: 16/24)")
    rate.add_argument("--ratio", type=float, help="against stored bits")
    parser.add_argument("--every", type=int, default=1, help="every n-th picture alone")
    parser.add_argument("--device", default="auto")
    asked = parser.parse_args(arguments)
    target = Target("ratio", asked.ratio) if asked.ratio else Target("bpp", asked.bpp or 16 / 24)
    try:
        figures = codec_figures(
            asked.folder,
            asked.codec,
            target,
            options=Options(asked.device),
            every=max(1, asked.every),
            progress=lambda fraction, text: print(text, file=sys.stderr),
        )
    except RadviewError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`radview compare PATH... --codec NAME`: what one coding does to each image."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from viewer.cli.arguments import (
    Subparsers,
    add_coding,
    add_command,
    add_json,
    add_paths,
    box,
    options_of,
    target_of,
    window,
)

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "compare", run, "code each image and judge what was lost")
    add_paths(parser)
    add_coding(parser)
    parser.add_argument(
        "--roi", type=box, metavar="X,Y,W,H", help="figures of this rectangle as well"
    )
    parser.add_argument(
        "--as-displayed",
        action="store_true",
        help="figures of both pictures through a window, in 8 bits, as well",
    )
    parser.add_argument(
        "--segmented",
        action="store_true",
        help="figures of each class of the learned segmentation as well",
    )
    parser.add_argument(
        "--window",
        type=window,
        metavar="C,W",
        help="centre and width of that window (default: the file's first, else automatic)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each frame of each image."""
    from viewer.cli.reading import headers_of
    from viewer.evaluation.comparison import compare_radiograph
    from viewer.evaluation.displayed import compare_displayed
    from viewer.images.display import default_voi
    from viewer.images.opening import read_frame
    from viewer.images.radiograph import Window

    headers, failures = headers_of(arguments.paths)
    rows: list[dict[str, Any]] = []
    for header in headers:
        for frame in range(header.frames):
            with failures.collect():
                comparison = compare_radiograph(
                    read_frame(header, frame),
                    arguments.codec,
                    target_of(arguments),
                    box=arguments.roi,
                    options=options_of(arguments),
                )
                row = comparison.as_row()
                if arguments.as_displayed or arguments.window:
                    original = comparison.radiograph
                    row["displayed"] = compare_displayed(
                        original,
                        comparison.reconstruction,
                        Window(*arguments.window) if arguments.window else default_voi(original),
                        box=arguments.roi,
                    ).as_row()
                if arguments.segmented:
                    row["segmented"] = _segmented(comparison)
                if header.frames > 1:
                    row["frame"] = frame
                rows.append(row)
                if not arguments.json:
                    print(_sentence(row))
    if arguments.json:
        print(json.dumps(rows, indent=2, allow_nan=False))
    return failures.report()


def _segmented(comparison: Comparison) -> list[dict[str, Any]]:
    """Figures of each class; the network looks at the original."""
    from viewer.codecs.base import PixelFormat
    from viewer.evaluation.segmented import segmented_figures
    from viewer.sampling.deformation import segment

    header = comparison.radiograph.header
    classes, names = segment(comparison.radiograph)
    return segmented_figures(
        comparison.radiograph.pixels,
        comparison.reconstruction.pixels,
        PixelFormat(header.bits_stored, header.signed),
        classes,
        names,
    )


def _figure(value: float | None, form: str, missing: str) -> str:
    return missing if value is None else format(value, form)


def _sentence(row: dict[str, Any]) -> str:
    notice = f" ({row['notice']})" if row.get("notice") else ""
    for part in row.get("segmented", ()):
        psnr = _figure(part["psnr_db"], ".2f", "exact")
        notice = f"; {part['class']} PSNR {psnr} dB{notice}"
    displayed = row.get("displayed")
    if displayed:
        notice = (
            f"; as displayed PSNR {_figure(displayed['psnr_db'], '.2f', 'exact')} dB, "
            f"SSIM {_figure(displayed['ssim'], '.4f', 'n/a')}{notice}"
        )
    return (
        f"{row['file']}: {row['codec']} {row['ratio_stored']:.1f}:1, {row['bpp']:.3f} bpp, "
        f"PSNR {_figure(row['psnr_db'], '.2f', 'exact')} dB, "
        f"SSIM {_figure(row['ssim'], '.4f', 'n/a')}, "
        f"MS-SSIM {_figure(row['ms_ssim'], '.4f', 'n/a')}, max error {row['max_error']}{notice}"
    )

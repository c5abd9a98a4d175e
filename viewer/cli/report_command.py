"""`radview report FILE --codec NAME -o OUT.html|OUT.pdf`: one page of what a coding did."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import (
    Subparsers,
    add_coding,
    add_command,
    box,
    options_of,
    target_of,
    window,
)


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "report", run, "one page of what a coding does to an image")
    parser.add_argument("file", metavar="FILE", type=Path, help="an image")
    parser.add_argument(
        "-o", "--output", metavar="OUT", type=Path, required=True, help="a .html or .pdf file"
    )
    add_coding(parser)
    parser.add_argument("--frame", type=int, default=1, metavar="N", help="of several, from 1")
    parser.add_argument("--roi", type=box, metavar="X,Y,W,H", help="figures of this part as well")
    parser.add_argument(
        "--window", type=window, metavar="C,W", help="centre and width (default: the file's)"
    )
    parser.add_argument(
        "--curve",
        metavar="B,B,...",
        type=_rates,
        default=(),
        help="code at these bits per pixel too and draw the curve",
    )
    parser.add_argument(
        "--identity", action="store_true", help="say whose image it is (left out otherwise)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Code the image, write the page, name it."""
    from viewer.cli.terminal import progress_line
    from viewer.codecs.base import Target
    from viewer.errors import ImageError, RadviewError
    from viewer.evaluation.comparison import compare_radiograph, part
    from viewer.evaluation.rate_points import rate_point
    from viewer.evaluation.report.content import compose
    from viewer.evaluation.report.writing import SUFFIXES, write_report
    from viewer.images.display import default_voi
    from viewer.images.opening import read_frame, read_header
    from viewer.images.radiograph import Window

    if arguments.output.suffix.lower() not in SUFFIXES:
        raise RadviewError(f"A report is a .html or a .pdf file, not '{arguments.output.name}'.")
    header = read_header(arguments.file)
    if not 1 <= arguments.frame <= header.frames:
        raise ImageError(
            f"{arguments.file} has {header.frames} frames, no frame {arguments.frame}."
        )
    radiograph = read_frame(header, arguments.frame - 1)
    options = options_of(arguments)
    steps = 1 + len(arguments.curve)
    with progress_line() as progress:
        comparison = compare_radiograph(
            radiograph,
            arguments.codec,
            target_of(arguments),
            box=arguments.roi,
            options=options,
            progress=part(progress, 0, 1 / steps),
        )
        points = [rate_point(comparison)]
        for number, rate in enumerate(arguments.curve, start=1):
            within = part(progress, number / steps, (number + 1) / steps)
            target = Target("bpp", rate)
            points.append(
                rate_point(
                    compare_radiograph(
                        radiograph, arguments.codec, target, options=options, progress=within
                    )
                )
            )
    content = compose(
        comparison,
        Window(*arguments.window) if arguments.window else default_voi(radiograph),
        points=points,
        with_identity=arguments.identity,
    )
    print(write_report(arguments.output, content))
    return 0


def _rates(text: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers") from None
    if not rates or not all(0 < rate <= 64 for rate in rates):
        raise argparse.ArgumentTypeError(f"'{text}' has a rate that is none")
    return rates

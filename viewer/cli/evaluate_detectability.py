"""`radview evaluate detectability DIR`: planted nodules before and after coding."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.cli.arguments import Subparsers, add_paths
from viewer.cli.evaluate_arguments import add_common, codec_names, numbers, whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options
from viewer.errors import RadviewError

if TYPE_CHECKING:
    from viewer.evaluation.nodules import Nodule


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "detectability",
        help="whether planted nodules can still be found, by a fixed observer",
        description="Plants nodules of known size and contrast, codes the images, and asks a "
        "channelised Hotelling observer to tell regions with a nodule from those without.",
    )
    parser.set_defaults(evaluate=run)
    add_paths(parser)
    parser.add_argument("--codecs", metavar="A,B,...", help="default: all the viewer has")
    parser.add_argument("--rates", metavar="B,B,...", help="bits per pixel")
    parser.add_argument(
        "--nodules",
        metavar="D:C,D:C",
        help="diameters in pixels and contrasts in percent of the range (default 6:1,24:2.5)",
    )
    parser.add_argument(
        "--per-image", type=whole, default=12, metavar="N", help="regions an image (default 12)"
    )
    parser.add_argument("--crop", type=whole, metavar="N", help="only N x N from the middle")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    add_common(parser)


def _nodules(text: str | None) -> tuple[Nodule, ...]:
    from viewer.evaluation.nodule_study import DEFAULT_NODULES
    from viewer.evaluation.nodules import Nodule

    if text is None:
        return DEFAULT_NODULES
    try:
        found = []
        for part in text.split(","):
            diameter, contrast = (float(number) for number in part.split(":"))
            if not (2 <= diameter <= 48 and 0 < contrast <= 100):
                raise ValueError
            found.append(Nodule(diameter, contrast / 100))
    except ValueError:
        raise RadviewError(
            f"'{text}' is not a list such as 6:1,24:2.5 (2 to 48 pixels : percent)."
        ) from None
    return tuple(found)


def run(arguments: argparse.Namespace) -> int:
    """Run the study, print it, draw it."""
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.nodule_study import DEFAULT_RATES, nodule_study
    from viewer.evaluation.nodule_text import nodule_text, plot_nodules

    with progress_line() as progress:
        study = nodule_study(
            arguments.paths,
            codec_names(arguments.codecs),
            nodules=_nodules(arguments.nodules),
            rates=numbers(arguments.rates) or DEFAULT_RATES,
            per_picture=arguments.per_image,
            limit=arguments.limit,
            crop=arguments.crop,
            seed=arguments.seed,
            cache=arguments.cache,
            options=Options(device=arguments.device),
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, study)
    if arguments.plot_path is not None:
        plot_nodules(study, arguments.plot_path)
    print(nodule_text(study))
    return 0

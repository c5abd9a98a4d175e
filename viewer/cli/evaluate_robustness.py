"""`radview evaluate robustness DIR`: disturbed radiographs and other modalities."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, positive
from viewer.cli.evaluate_arguments import add_common, codec_names, whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "robustness",
        help="noise, blocks, swirl, blur and other modalities (Kwon et al., figure 3)",
        description="Codes each radiograph disturbed in four ways at three strengths, and "
        "pictures of other modalities found beside DIR and in the test packages.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--codecs", metavar="A,B,...", help="default: all the viewer has")
    parser.add_argument("--bpp", type=positive, default=16 / 24, help="asked for (default 16/24)")
    parser.add_argument("--crop", type=whole, metavar="N", help="only N x N from the middle")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--sheet", metavar="FILE.png", type=Path, help="contact sheet")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the table, draw the sheet."""
    from viewer.evaluation.contact_sheet import write_sheet
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.other_modalities import other_modalities
    from viewer.evaluation.robustness import robustness, robustness_text

    with progress_line() as progress:
        result, cells = robustness(
            [arguments.folder],
            other_modalities(arguments.folder),
            codec_names(arguments.codecs),
            bpp=arguments.bpp,
            limit=arguments.limit,
            crop=arguments.crop,
            seed=arguments.seed,
            cache=arguments.cache,
            options=Options(device=arguments.device),
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, result)
    if arguments.sheet is not None:
        write_sheet(cells, arguments.sheet)
    print(robustness_text(result))
    return 0

"""`radview evaluate table DIR`: the codec table of Kwon et al. (2020), figure 2."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import add_common, codec_names, other_models, pairs
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "table",
        help="ratio, Frechet distance, PSNR and SSIM of all codecs (Kwon et al., figure 2)",
        description="One row a codec and test set, JPEG 2000 matched to the learned codec's bytes "
        "and to its Frechet distance. DIR is a folder of images, or one whose */val are the sets.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--codecs", metavar="A,B,...", help="default: all the viewer has")
    parser.add_argument(
        "--patches",
        type=int,
        default=10_000,
        metavar="N",
        help="of 299 x 299 for the distances (default 10000; 0: leave them out)",
    )
    parser.add_argument(
        "--trained-on",
        metavar="CODEC=NAME",
        action="append",
        default=[],
        help="what a codec's weights were trained on, for the table (default: of those shipped)",
    )
    parser.add_argument(
        "--model",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="a row more, coded with these weights, trained on NAME",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make the table and print it."""
    from viewer.evaluation.codec_table import codec_table, sets_below
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.shipped_origins import shipped_origins
    from viewer.evaluation.table_text import table_text

    with progress_line() as progress:
        table = codec_table(
            sets_below(arguments.folder),
            codec_names(arguments.codecs),
            patches=max(0, arguments.patches),
            trained_on={**shipped_origins(), **pairs(arguments.trained_on)},
            models=other_models(arguments.model),
            limit=arguments.limit,
            seed=arguments.seed,
            cache=arguments.cache,
            options=Options(device=arguments.device),
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, table)
    print(table_text(table))
    return 0

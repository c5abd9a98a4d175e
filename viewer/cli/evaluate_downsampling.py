"""`radview evaluate downsampling DIR`: segmentation after three kinds of downsampling."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.terminal import progress_line
from viewer.errors import RadviewError


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "downsampling", help="segmentation at full size after each kind of downsampling"
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="pictures with label maps")
    parser.add_argument(
        "--models", metavar="DIR", type=Path, help="weights of `radview train downsampler`"
    )
    parser.add_argument("--size", metavar="N,...", help="only these samples a side")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N pictures")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every n-th picture")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    parser.add_argument(
        "--cache", metavar="FILE", type=Path, help="keep what was measured, to take it up again"
    )
    parser.add_argument(
        "--picture", metavar="FILE.png", type=Path, help="draw the samplers on one picture instead"
    )
    parser.add_argument("--name", metavar="NAME", help="of that picture (default: the first)")
    parser.set_defaults(evaluate=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table and the differences."""
    from viewer.evaluation.downsampling import draw_picture, evaluate_downsampling

    if arguments.picture is not None:
        size = (_sizes(arguments.size) or (64,))[0]
        draw_picture(
            arguments.folder, arguments.picture, arguments.models, size=size, name=arguments.name
        )
        return 0
    with progress_line() as progress:
        result = evaluate_downsampling(
            arguments.folder,
            arguments.models,
            sizes=_sizes(arguments.size),
            limit=arguments.limit,
            every=arguments.every,
            json_path=arguments.json_path,
            plot_path=arguments.plot_path,
            cache=arguments.cache,
            progress=progress,
        )
    print(result.table())
    return 0


def _sizes(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise RadviewError(f"'{text}' is not a list of sizes such as 64,96.") from None

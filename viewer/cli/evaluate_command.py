"""`radview evaluate rd DIR`: rate-distortion curves and Bjøntegaard differences."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command, positive
from viewer.cli.terminal import progress_line
from viewer.codecs import registry
from viewer.errors import RadviewError


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "evaluate", run, "curves and tables over a folder of images")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    curves = kinds.add_parser("rd", help="rate-distortion curves of several codecs")
    curves.add_argument("folder", metavar="DIR", type=Path)
    curves.add_argument("--codecs", metavar="A,B,...", required=True)
    curves.add_argument("--rates", metavar="B,B,...", help="bits per pixel, at least six for BD")
    curves.add_argument("--limit", type=int, metavar="N", help="only the first N images")
    curves.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    curves.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    parser.set_defaults(run=run)


def _rates(text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    try:
        return tuple(positive(part) for part in text.split(","))
    except (ValueError, argparse.ArgumentTypeError):
        raise RadviewError(f"'{text}' is not a list of bits per pixel such as 0.1,0.2.") from None


def run(arguments: argparse.Namespace) -> int:
    """Code the folder's images at each rate with each codec and print the differences."""
    from viewer.evaluation.rd import evaluate_rd

    codecs = tuple(name.strip() for name in arguments.codecs.split(","))
    for name in codecs:
        registry.get(name)
    with progress_line() as progress:
        result = evaluate_rd(
            arguments.folder,
            codecs,
            rates=_rates(arguments.rates),
            limit=arguments.limit,
            json_path=arguments.json_path,
            plot_path=arguments.plot_path,
            progress=progress,
        )
    print(result.table())
    return 0

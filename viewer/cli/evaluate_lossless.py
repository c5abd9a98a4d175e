"""`radview evaluate lossless DIR...`: what exact and bounded coding takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, levels, model_of
from viewer.cli.evaluate_arguments import whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options
from viewer.errors import RadviewError


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "lossless",
        help="sizes and times of exact and bounded coding, beside JPEG-LS and JPEG XL",
        description="One row a set, bound and codec. Each path is a set: a folder or a file.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("sets", metavar="DIR", nargs="+", type=Path)
    parser.add_argument(
        "--max-errors", metavar="N,N,...", default="0,2", help="bounds, 0: exact (default 0,2)"
    )
    parser.add_argument(
        "--every-file",
        action="store_true",
        help="instead: every file and all below folders there and back, all frames, colour too",
    )
    parser.add_argument("--limit", type=whole, metavar="N", help="only N images of each set")
    parser.add_argument("--crop", type=whole, metavar="N", help="only N x N from the middle")
    parser.add_argument(
        "--model", metavar="PATH", help="of vqvae2: a .safetensors file, or digits of a known hash"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")


def run(arguments: argparse.Namespace) -> int:
    """Make the table and print it."""
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.lossless_table import lossless_table, table_text

    model = model_of(arguments.model, "vqvae2") if arguments.model else ""
    try:
        bounds = tuple(levels(part) for part in arguments.max_errors.split(","))
    except (ValueError, argparse.ArgumentTypeError):
        raise RadviewError(f"'{arguments.max_errors}' is not a list of levels like 0,2.") from None
    options = Options(device=arguments.device, model=model)
    if arguments.every_file:
        return _every_file(arguments, bounds, options)
    with progress_line() as progress:
        table = lossless_table(
            arguments.sets,
            bounds=bounds,
            limit=arguments.limit,
            crop=arguments.crop,
            options=options,
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, table)
    print(table_text(table))
    return 0


def _every_file(arguments: argparse.Namespace, bounds: tuple[int, ...], options: Options) -> int:
    """Print the round trips; 1 where one did not come back as asked."""
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.round_trips import round_trips, trips_text

    with progress_line() as progress:
        found = round_trips(arguments.sets, bounds=bounds, options=options, progress=progress)
    if arguments.json_path is not None:
        write_json(arguments.json_path, found)
    print(trips_text(found))
    return 0 if all(row["kept"] for row in found["rows"]) else 1

"""`radview export FILE.radz|IMAGE... -o DIR --syntax NAME`: DICOM that other programs open."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from viewer.cli.arguments import (
    Subparsers,
    add_command,
    add_deidentify,
    add_paths,
    add_target,
    options_of,
    target_of,
)
from viewer.cli.terminal import progress_line

SYNTAXES = ("native", "jpeg2000", "jpeg2000-lossless", "jpeg-ls", "htj2k")


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "export", run, "write images as DICOM in a syntax of choice")
    add_paths(parser)
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True)
    parser.add_argument(
        "--syntax",
        choices=SYNTAXES,
        default="native",
        help="transfer syntax; jpeg2000 alone may lose something, at the rate asked for",
    )
    add_target(parser)
    add_deidentify(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the files and name them; 1 when an image could not be exported."""
    from viewer.archive.exporting import export

    with progress_line() as progress:
        result = export(
            arguments.paths,
            arguments.output,
            syntax=arguments.syntax,
            target=target_of(arguments),
            deidentified=arguments.deidentify,
            options=options_of(arguments),
            progress=progress,
        )
    for path in result.written:
        print(path)
    for sentence in (*result.warnings, *result.problems):
        print(f"radview: {sentence}", file=sys.stderr)
    return 1 if result.problems or not result.written else 0

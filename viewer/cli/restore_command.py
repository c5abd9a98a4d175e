"""`radview restore FILE.radz -o DIR`: the kept original, else DICOM, or PNG of a raster file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command, add_deidentify
from viewer.cli.terminal import progress_line


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "restore", run, "decode an archive into a folder")
    parser.add_argument("archive", metavar="FILE.radz", type=Path)
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True)
    add_deidentify(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--original",
        action="store_true",
        help="nothing but the original files, byte for byte (without it: where they were kept)",
    )
    which.add_argument(
        "--decoded", action="store_true", help="decoded images, even where originals were kept"
    )


def run(arguments: argparse.Namespace) -> int:
    """Restore the images and name the files written."""
    from viewer.archive.restoring import restore

    warnings: list[str] = []
    with progress_line() as progress:
        written = restore(
            arguments.archive,
            arguments.output,
            original=True if arguments.original else False if arguments.decoded else None,
            deidentified=arguments.deidentify,
            on_warning=warnings.append,
            progress=progress,
        )
    for path in written:
        print(path)
    for sentence in warnings:
        print(f"radview: {sentence}", file=sys.stderr)
    return 0

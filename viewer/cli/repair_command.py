"""`radview repair FILE.radz -o OUT.radz`: a whole archive of what is intact in a damaged one."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command
from viewer.cli.terminal import progress_line


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "repair", run, "save what is intact of a damaged archive")
    parser.add_argument("archive", metavar="FILE.radz", type=Path)
    parser.add_argument("-o", "--output", metavar="OUT.radz", type=Path, required=True)
    parser.add_argument(
        "--members",
        metavar="DIR",
        type=Path,
        help="write intact parts of images that are lost there, as plain files",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the repaired archive and name what is lost; 1 when an image or part of one is."""
    from viewer.archive.repairing import repair

    with progress_line() as progress:
        result = repair(
            arguments.archive,
            arguments.output,
            members_folder=arguments.members,
            progress=progress,
        )
    for line in result.lines():
        print(line)
    return 1 if result.lost else 0

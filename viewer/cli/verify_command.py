"""`radview verify FILE.radz`: whether every byte of an archive is as it was written."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command, add_json
from viewer.cli.terminal import progress_line


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "verify", run, "check every byte and image of archives")
    parser.add_argument("archives", metavar="FILE.radz", nargs="+", type=Path)
    parser.add_argument("--fast", action="store_true", help="check hashes, decode nothing")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each image and each damage; 1 when an archive is not whole."""
    from viewer.archive.verification import verify

    reports = []
    whole = True
    for path in arguments.archives:
        with progress_line() as progress:
            verification = verify(path, decode=not arguments.fast, progress=progress)
        whole = whole and verification.ok
        reports.append(verification.as_dict())
        if not arguments.json:
            for line in verification.lines():
                print(line)
    if arguments.json:
        print(json.dumps(reports, indent=2, allow_nan=False))
    return 0 if whole else 1

"""`radview prepare`: compile what runs compiled, once after installing."""

from __future__ import annotations

import argparse

from viewer.cli.arguments import Subparsers, add_command
from viewer.cli.terminal import progress_line


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    add_command(
        commands, "prepare", run, "compile what runs compiled, so that the first coding is quick"
    )


def run(arguments: argparse.Namespace) -> int:
    """Compile; what is compiled already takes a second."""
    from viewer.codecs.preparing import prepare

    with progress_line() as progress:
        prepare(progress)
    return 0

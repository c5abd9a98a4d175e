"""`radview open PATH...`: the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command
from viewer.resources import sample_radiograph


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "open", run, "open files, folders or archives in a window (default: a sample)"
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="files or folders")
    parser.add_argument("--empty", action="store_true", help="open nothing")


def run(arguments: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    # Qt is loaded only by the commands that show something.
    from viewer.ui.app import run as run_window

    paths: list[Path] = arguments.paths
    if not paths and not arguments.empty:
        paths = [sample_radiograph()]
    return run_window(paths)

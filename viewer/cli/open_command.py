"""`radview open PATH...`: the window."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command
from viewer.errors import RadviewError
from viewer.resources import sample_radiograph


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "open", run, "open files, folders or archives in a window (default: a sample)"
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="files or folders")
    parser.add_argument("--empty", action="store_true", help="open nothing")


def run(arguments: argparse.Namespace) -> int:
    """Open the window and stay until it is closed.

    Raises
    ------
    RadviewError
        When there is no display: Qt would end the process without a word of use.
    """
    if not has_display():
        raise RadviewError("There is no display to open a window on; 'radview demo' needs none.")
    # Qt is loaded only by the commands that show something.
    from viewer.ui.app import run as run_window

    paths: list[Path] = arguments.paths
    if not paths and not arguments.empty:
        paths = [sample_radiograph()]
    return run_window(paths)


def has_display() -> bool:
    """Return whether a window can be shown here, or Qt was told where to render it."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))

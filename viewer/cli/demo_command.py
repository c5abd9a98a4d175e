"""`radview demo`: the window on the sample radiograph, rendered into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command
from viewer.resources import sample_radiograph


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "demo",
        run,
        "compare the sample radiograph both ways without a display; leaves pictures and figures",
    )
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, default=Path("demo"))
    parser.add_argument("--image", metavar="FILE", type=Path, help="another image than the sample")


def run(arguments: argparse.Namespace) -> int:
    """Render the demonstration and say where it is."""
    from viewer.ui.demo import run_demo

    made = run_demo(arguments.image or sample_radiograph(), arguments.output)
    print(made.sentence())
    return 0

"""`radview evaluate KIND ...`: curves, tables and studies over images."""

from __future__ import annotations

import argparse
from importlib import import_module

from viewer.cli.arguments import Subparsers, add_command

# Each has a module viewer.cli.evaluate_KIND (_ for -) with `add_parser(kinds)`.
_KINDS = (
    "rd",
    "table",
    "lossless",
    "robustness",
    "detectability",
    "downsampling",
    "classifier",
    "papers",
    "layers",
    "recurrent-study",
    "dense",
)


def add_parser(commands: Subparsers) -> None:
    """Add the command and its kinds to the parser."""
    parser = add_command(commands, "evaluate", run, "curves and tables over a folder of images")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind in _KINDS:
        import_module(f"viewer.cli.evaluate_{kind.replace('-', '_')}").add_parser(kinds)


def run(arguments: argparse.Namespace) -> int:
    """Run the kind that was chosen."""
    code: int = arguments.evaluate(arguments)
    return code

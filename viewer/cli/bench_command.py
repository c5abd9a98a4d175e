"""`radview bench`: the product's promises of speed, measured here and now."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from viewer.cli.arguments import Subparsers, add_command
from viewer.files import write_text


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "bench", run, "measure speed against its targets")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, default=Path("bench.json"))


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as aligned text."""
    width = max(len(row["name"]) for row in rows)
    return "\n".join(
        f"{row['name']:<{width}}  {row['value']:>10.4g} {row['unit']:<9} "
        f"target {row['target']:>8.4g}  {'met' if row['met'] else 'MISSED'}"
        for row in rows
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the table and write ``bench.json``."""
    from viewer.ui.benchmark import measure
    from viewer.ui.benchmark_coding import measure_coding
    from viewer.ui.benchmark_study import measure_study
    from viewer.ui.benchmark_workbench import measure_workbench

    rows = [*measure(), *measure_study(), *measure_workbench(), *measure_coding()]
    print(table(rows))
    write_text(arguments.output, json.dumps(rows, indent=2, allow_nan=False) + "\n")
    return 0

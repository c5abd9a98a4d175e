"""`radview bench`: the product's promises of speed, measured here and now."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from viewer.cli.arguments import Subparsers, add_command, positive, processes
from viewer.cli.terminal import progress_line
from viewer.files import write_text


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "bench", run, "measure speed against its targets")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, default=Path("bench.json"))
    many = parser.add_argument_group(
        "archiving", "how fast images of yours are archived, beside OpenJPEG on the same cores"
    )
    many.add_argument(
        "--archiving", metavar="SRC", type=Path, nargs="+", help="measure this alone, on these"
    )
    many.add_argument(
        "--codecs",
        metavar="NAME[:lossless],...",
        default="vqvae2,jpeg2000,jpegls:lossless",
        help="default vqvae2,jpeg2000,jpegls:lossless",
    )
    many.add_argument("--ratio", type=positive, metavar="R", default=20.0)
    many.add_argument("--jobs", type=processes, metavar="N", help="default: one a core")


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
    if arguments.archiving:
        return _archiving(arguments)
    from viewer.ui.benchmark import measure
    from viewer.ui.benchmark_archiving import measure_archiving
    from viewer.ui.benchmark_coding import measure_coding
    from viewer.ui.benchmark_gpu import measure_gpu
    from viewer.ui.benchmark_study import measure_study
    from viewer.ui.benchmark_workbench import measure_workbench

    rows = [
        *measure(),
        *measure_study(),
        *measure_workbench(),
        *measure_coding(),
        *measure_gpu(),
        *measure_archiving(),
    ]
    print(table(rows))
    write_text(arguments.output, json.dumps(rows, indent=2, allow_nan=False) + "\n")
    return 0


def _archiving(arguments: argparse.Namespace) -> int:
    from viewer.archive.coding import usable_codec
    from viewer.archive.keep import Keep
    from viewer.archive.many import throughput
    from viewer.archive.many.pool import usable_cores
    from viewer.archive.many.settings import Settings
    from viewer.codecs.base import Target
    from viewer.errors import ArchiveError

    settings = []
    for each in filter(None, arguments.codecs.split(",")):
        name, _, kind = each.partition(":")
        usable_codec(name)
        if kind not in ("", "lossless"):
            raise ArchiveError(f"'{each}' is no codec and way: NAME or NAME:lossless.")
        target = Target("lossless") if kind else Target("ratio", arguments.ratio)
        # Archives by the thousand share the decoder that is installed.
        settings.append(Settings(name, target, keep=Keep(decoder=False)))
    with progress_line() as progress:
        speeds = throughput.measure(
            arguments.archiving,
            settings,
            jobs=arguments.jobs or usable_cores(),
            progress=progress,
        )
    print(throughput.table(speeds))
    rows = throughput.as_rows(speeds)
    write_text(arguments.output, json.dumps(rows, indent=2, allow_nan=False) + "\n")
    return 0

"""`radview archive SRC... -o DIR --codec NAME`: thousands of studies, an archive each."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from viewer.cli.arguments import (
    Subparsers,
    add_command,
    add_model,
    levels,
    not_negative,
    options_of,
    percentage,
    positive,
    processes,
    target_of,
)
from viewer.cli.terminal import progress_line
from viewer.codecs import registry

if TYPE_CHECKING:
    from viewer.archive.many.records import BadFile
    from viewer.archive.many.settings import Settings
    from viewer.archive.many.summary import ManySummary


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "archive", run, "archive every study of folders, resumably")
    parser.add_argument("paths", metavar="SRC", nargs="+", type=Path, help="files or folders")
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True)
    parser.add_argument(
        "--codec", choices=registry.names(), default="vqvae2", help="default vqvae2"
    )
    _add_target(parser)
    add_model(parser)
    _add_gate(parser)
    parser.add_argument(
        "--keep-original",
        action="store_true",
        help="keep the files too, byte for byte, each as small as is exact",
    )
    parser.add_argument(
        "--no-decoder", action="store_true", help="leave a learned codec's decoder out"
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--jobs", type=processes, metavar="N", help="worker processes (default: one a core)"
    )
    who.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="of a Dask scheduler whose workers see the same files, tcp://10.0.0.1:8786",
    )
    parser.add_argument(
        "--copy-bad",
        action="store_true",
        help="copy files that cannot be archived into DIR/not-archived as they are",
    )
    parser.add_argument(
        "--summary-csv", type=Path, metavar="FILE", help="write the figures of every image"
    )
    parser.add_argument(
        "--summary-json", type=Path, metavar="FILE", help="the same with totals and the worst ten"
    )
    parser.add_argument(
        "--watch", action="store_true", help="go on, and archive what arrives, until Ctrl-C"
    )
    parser.add_argument(
        "--settle",
        type=positive,
        default=60.0,
        metavar="S",
        help="with --watch: seconds in which no file of a study has changed (default 60)",
    )


def _add_target(parser: argparse.ArgumentParser) -> None:
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--ratio", type=positive, metavar="R", help="stored bits : coded bits (default 20)"
    )
    wanted.add_argument("--bpp", type=positive, metavar="B", help="bits per pixel")
    wanted.add_argument("--psnr", type=positive, metavar="P", help="dB, peak 2^BitsStored - 1")
    wanted.add_argument("--quality", type=percentage, metavar="Q", help="the codec's 0 to 100")
    wanted.add_argument("--lossless", action="store_true", help="every pixel exact")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    # --max-error is the gate's here: what misses it is coded again.
    parser.set_defaults(max_error=None, base_ratio=None)


def _add_gate(parser: argparse.ArgumentParser) -> None:
    gate = parser.add_argument_group(
        "quality gate", "what misses it is coded again at higher rates, at last losslessly"
    )
    gate.add_argument("--min-psnr", type=not_negative, metavar="DB")
    gate.add_argument("--min-ssim", type=_share, metavar="S")
    gate.add_argument(
        "--max-error", type=levels, metavar="N", dest="gate_error", help="grey levels"
    )


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and 1")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Archive, say what it came to and what is in no archive; 1 where there is such."""
    from viewer.archive.keep import Keep
    from viewer.archive.many.archiving import archive_many
    from viewer.archive.many.gate import Gate
    from viewer.archive.many.pool import usable_cores
    from viewer.archive.many.settings import Settings

    settings = Settings(
        arguments.codec,
        target_of(arguments),
        Gate(arguments.min_psnr, arguments.min_ssim, arguments.gate_error),
        Keep(original=arguments.keep_original, decoder=not arguments.no_decoder),
        options_of(arguments),
    )
    jobs = arguments.jobs or usable_cores()
    if arguments.watch:
        _watch(arguments, settings, jobs)
    with progress_line() as progress:
        summary = archive_many(
            arguments.paths,
            arguments.output,
            settings,
            jobs=jobs,
            scheduler=arguments.scheduler,
            copy=arguments.copy_bad,
            progress=progress,
        )
    _write_tables(arguments, summary)
    print("\n".join(summary.lines()))
    return 1 if any(not each.copy for each in summary.bad) else 0


def _watch(arguments: argparse.Namespace, settings: Settings, jobs: int) -> NoReturn:
    """Archive what arrives; say each study once, and each bad file."""
    from viewer.archive.many.watching import watch
    from viewer.progress import silent

    told: set[BadFile] = set()

    def on_round(summary: ManySummary) -> None:
        _write_tables(arguments, summary)
        for outcome in summary.outcomes[summary.resumed :]:
            if outcome.archive:
                print(f"{summary.folder / outcome.archive}: {len(outcome.images)} image(s).")
        for bad in summary.bad:
            if bad not in told:
                told.add(bad)
                print(f"Not archived: {bad.path}: {bad.reason}")
        sys.stdout.flush()

    watch(
        arguments.paths,
        arguments.output,
        settings,
        settle=arguments.settle,
        on_round=on_round,
        jobs=jobs,
        scheduler=arguments.scheduler,
        copy=arguments.copy_bad,
        progress=silent,
    )


def _write_tables(arguments: argparse.Namespace, summary: ManySummary) -> None:
    from viewer.files import write_text

    if arguments.summary_csv:
        write_text(arguments.summary_csv, summary.as_csv())
    if arguments.summary_json:
        write_text(arguments.summary_json, json.dumps(summary.as_dict(), indent=1) + "\n")

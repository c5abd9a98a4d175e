"""`radview compress PATH... -o FILE.radz --codec NAME`: a study archive."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import (
    Subparsers,
    add_coding,
    add_command,
    add_deidentify,
    add_paths,
    options_of,
    target_of,
)
from viewer.cli.terminal import progress_line


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "compress", run, "code images into one study archive")
    add_paths(parser)
    parser.add_argument("-o", "--output", metavar="FILE.radz", type=Path, required=True)
    add_coding(parser)
    kept = parser.add_mutually_exclusive_group()
    add_deidentify(kept)
    kept.add_argument(
        "--keep-original",
        action="store_true",
        help="keep the files too, byte for byte, each as small as is exact",
    )
    parser.add_argument(
        "--no-decoder",
        action="store_true",
        help="leave a learned codec's decoder out; the archive then needs it installed",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace FILE.radz where it is there already"
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave out what cannot be opened or coded"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the archive, say what it holds and what it saved."""
    from viewer.archive.compressing import compress
    from viewer.archive.keep import Keep
    from viewer.errors import ArchiveError

    if arguments.output.exists() and not arguments.force:
        raise ArchiveError(f"{arguments.output} is there already; --force replaces it.")
    with progress_line() as progress:
        summary = compress(
            arguments.paths,
            arguments.output,
            codec_name=arguments.codec,
            target=target_of(arguments),
            options=options_of(arguments),
            skip_bad=arguments.skip_bad,
            deidentified=arguments.deidentify,
            keep=Keep(original=arguments.keep_original, decoder=not arguments.no_decoder),
            progress=progress,
        )
    print(summary.sentence())
    return 0

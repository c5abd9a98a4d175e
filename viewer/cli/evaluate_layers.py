"""`radview evaluate layers DIR`: what each pass of a progressive codec brings."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import numbers, whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "layers",
        help="the recurrent or dense codec at each of its qualities, beside JPEG 2000",
        description="Means over a folder's pictures at each pass (recurrent) or length of code "
        "(dense), whole images, bytes of real files, and JPEG 2000 at the same bytes.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--codec", choices=("recurrent", "dense"), default="recurrent")
    parser.add_argument("--steps", metavar="N,N,...", help="only these (default: all)")
    parser.add_argument("--limit", type=whole, metavar="N", help="only the first N images")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument(
        "--model", metavar="FILE", type=Path, help="weights other than those used without a choice"
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure and print the table."""
    from viewer.evaluation.json_files import write_json
    from viewer.evaluation.layer_figures import layer_figures

    model = ""
    if arguments.model is not None:
        from viewer.codecs import model_files

        model = model_files.use(arguments.model, arguments.codec).sha256
    steps = numbers(arguments.steps)
    with progress_line() as progress:
        figures = layer_figures(
            arguments.folder,
            arguments.codec,
            limit=arguments.limit,
            steps=None if steps is None else [int(step) for step in steps],
            options=Options(arguments.device, model=model),
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, figures.as_json())
    print(figures.table())
    return 0

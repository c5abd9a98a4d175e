"""`radview evaluate recurrent-study --data DIR`: batch sizes and training-set sizes, one pass."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import numbers, whole
from viewer.cli.terminal import progress_line


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "recurrent-study",
        help="the recurrent codec's batch sizes and training-set sizes (Donis and Brown)",
        description="Train one pass of the recurrent network at several batch sizes and sizes of "
        "training set; curves of PSNR, MS-SSIM and residual loss. Without options at the paper's "
        "scale, which takes days on a processor.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("--data", metavar="DIR", type=Path, required=True)
    parser.add_argument("--tiles", type=whole, metavar="N", help="smallest set (default 50000)")
    parser.add_argument("--batches", metavar="N,N,...", help="default 32,64,...,1024")
    parser.add_argument("--turns", metavar="N,N", help="sizes of set: rotations of 1,2,4 (all)")
    parser.add_argument("--turned-batch", type=whole, metavar="N", help="for these (default 128)")
    parser.add_argument("--epochs", type=whole, metavar="N", help="default 15")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--seed", type=int, default=0)


def run(arguments: argparse.Namespace) -> int:
    """Run the study and print the last epoch of each setting."""
    from dataclasses import replace

    from viewer.training.checkpoint import write_json
    from viewer.training.recurrent_study import StudyPlan, run_study
    from viewer.training.recurrent_study_plot import plot_study

    given = {
        name: value
        for name in ("tiles", "epochs", "turned_batch")
        if (value := getattr(arguments, name)) is not None
    }
    for name in ("batches", "turns"):
        values = numbers(getattr(arguments, name))
        if values is not None:
            given[name] = tuple(int(value) for value in values)
    with progress_line() as progress:
        result = run_study(
            arguments.data,
            replace(StudyPlan(), **given),
            device=arguments.device,
            seed=arguments.seed,
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, result.as_json())
    if arguments.plot_path is not None:
        plot_study(result, arguments.plot_path)
    print(result.table())
    return 0

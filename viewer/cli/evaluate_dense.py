"""`radview evaluate dense --models DIR --data DIR`: errors, sizes and break-even of each code."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import whole
from viewer.cli.terminal import progress_line
from viewer.resources import models_dir


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "dense",
        help="the dense autoencoder's errors, sizes and break-even (Ercan)",
        description="RMSE and MSE of each length of code on test images, beside as many principal "
        "components and what the paper publishes; what the code loses when it is stored.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument(
        "--data", metavar="DIR", type=Path, required=True, help="MNIST's IDX files, or radiographs"
    )
    parser.add_argument(
        "--models", metavar="DIR", type=Path, help="of radview train dense (default: those shipped)"
    )
    parser.add_argument(
        "--paper",
        metavar="TABLE.csv",
        type=Path,
        help="the paper's table of errors, for whoever holds it: columns code,rmse,mse, one of the "
        "two errors may be empty; printed beside ours, with which of them each is nearer to",
    )
    parser.add_argument("--tiles", type=whole, metavar="N", help="cut from radiographs")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    parser.add_argument("--seed", type=int, default=0)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print the table."""
    from viewer.training.checkpoint import write_json
    from viewer.training.dense_images import TRAINING_TILES
    from viewer.training.dense_paper import read_paper
    from viewer.training.dense_study import study_dense
    from viewer.training.dense_study_plot import plot_dense

    paper = read_paper(arguments.paper) if arguments.paper is not None else None
    with progress_line() as progress:
        study = study_dense(
            arguments.models or models_dir() / "dense",
            arguments.data,
            tiles=arguments.tiles or TRAINING_TILES,
            seed=arguments.seed,
            paper=paper,
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, study.as_json())
    if arguments.plot_path is not None:
        plot_dense(study, arguments.plot_path)
    print(study.table())
    return 0

"""`radview evaluate classifier --data DIR`: cross-validation on three kinds of input."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers
from viewer.cli.evaluate_arguments import add_common, whole
from viewer.cli.terminal import progress_line
from viewer.errors import RadviewError


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "classifier",
        help="DenseNet on originals, reconstructions and latents (Kwon et al., table 1)",
        description="Patient-grouped cross-validation of a DenseNet on original, reconstructed "
        "and latent inputs: full size on a GPU, reduced on a processor.",
    )
    parser.set_defaults(evaluate=run)
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="has labels.csv")
    parser.add_argument(
        "--inputs", default="original,reconstructed,latent", metavar="A,B", help="default: all"
    )
    parser.add_argument("--seeds", type=whole, default=1, metavar="N", help="how many (default 1)")
    parser.add_argument("--folds", type=whole, default=5, metavar="N")
    parser.add_argument("--epochs", type=whole, metavar="N", help="default 15")
    parser.add_argument("--side", type=whole, metavar="N", help="of the pictures")
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cross-validate, print the areas and the costs."""
    from viewer.evaluation.feature_store import default_cache
    from viewer.evaluation.json_files import write_json
    from viewer.training.classifier import INPUTS
    from viewer.training.classifier_fit import FitRecipe
    from viewer.training.classifier_validation import classifier_text, cross_validate

    kinds = tuple(arguments.inputs.split(","))
    if not set(kinds) <= set(INPUTS):
        raise RadviewError(f"'{arguments.inputs}' is not a list of {', '.join(INPUTS)}.")
    with progress_line() as progress:
        result = cross_validate(
            arguments.data,
            (arguments.cache or default_cache()) / "classifier",
            inputs=kinds,
            seeds=range(arguments.seed, arguments.seed + arguments.seeds),
            folds=arguments.folds,
            side=arguments.side,
            recipe=FitRecipe(epochs=arguments.epochs) if arguments.epochs else None,
            limit=arguments.limit,
            device=arguments.device,
            progress=progress,
        )
    if arguments.json_path is not None:
        write_json(arguments.json_path, result)
    print(classifier_text(result))
    return 0

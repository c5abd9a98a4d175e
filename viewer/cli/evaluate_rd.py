"""`radview evaluate rd PATH...`: rate-distortion curves and Bjøntegaard differences."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_paths
from viewer.cli.evaluate_arguments import add_common, codec_names, numbers, whole
from viewer.cli.terminal import progress_line
from viewer.codecs.base import Options
from viewer.errors import RadviewError


def add_parser(kinds: Subparsers) -> None:
    """Add the kind to the parser."""
    parser = kinds.add_parser(
        "rd",
        help="rate-distortion curves of several codecs",
        description="Rate-distortion curves of several codecs, whole images, bytes of real files.",
    )
    parser.set_defaults(evaluate=run)
    add_paths(parser)
    parser.add_argument(
        "--codecs",
        metavar="A,B,...",
        required=True,
        help="of the viewer, and for comparison jpegxl, jpeg, jpegls, htj2k",
    )
    parser.add_argument("--rates", metavar="B,B,...", help="bits per pixel, at least six for BD")
    parser.add_argument("--crop", type=whole, metavar="N", help="only N x N from the middle")
    parser.add_argument(
        "--inception",
        action="store_true",
        help="Frechet and kernel inception distances too (needs the extra [evaluation])",
    )
    parser.add_argument(
        "--inception-rates", metavar="B,B", help="of the rates, those to do it at (default: one)"
    )
    parser.add_argument(
        "--inception-codecs", metavar="A,B", help="of the codecs, those to do it for (default: all)"
    )
    parser.add_argument(
        "--patches", type=whole, default=10_000, metavar="N", help="of 299 x 299 (default 10000)"
    )
    parser.add_argument(
        "--each", action="store_true", help="differences against jpeg2000 image by image too"
    )
    parser.add_argument(
        "--model",
        metavar="PATH",
        type=Path,
        help="code with this .safetensors file, trained with 'radview train', where its codec is",
    )
    parser.add_argument("--json", metavar="FILE", type=Path, dest="json_path")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, dest="plot_path")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Code the images at each rate with each codec and print the differences."""
    from viewer.evaluation.rd import DEFAULT_RATES, InceptionPlan, evaluate_rd

    rates = numbers(arguments.rates) or DEFAULT_RATES
    plan = None
    if arguments.inception or arguments.inception_rates:
        # Without a choice, the rate nearest to the paper's 24 : 1 against 16 bits.
        chosen = numbers(arguments.inception_rates) or (min(rates, key=lambda r: abs(r - 16 / 24)),)
        some = arguments.inception_codecs
        plan = InceptionPlan(
            chosen, arguments.patches, arguments.seed, codec_names(some) if some else None
        )
    with progress_line() as progress:
        result = evaluate_rd(
            arguments.paths,
            codec_names(arguments.codecs),
            rates=rates,
            limit=arguments.limit,
            crop=arguments.crop,
            inception=plan,
            cache=arguments.cache,
            options=Options(device=arguments.device, model=_model(arguments)),
            json_path=arguments.json_path,
            plot_path=arguments.plot_path,
            progress=progress,
        )
    print(result.table())
    if arguments.each:
        from viewer.evaluation.rd_each import each_table

        print(each_table(result))
    return 0


def _model(arguments: argparse.Namespace) -> str:
    """Return the hash of the model asked for, "" for none.

    Raises
    ------
    RadviewError
        When the file is no model, or of a codec that is not among those evaluated.
    """
    if arguments.model is None:
        return ""
    from viewer.codecs import model_files

    model = model_files.use(arguments.model)
    if model.codec not in codec_names(arguments.codecs):
        raise RadviewError(
            f"The model {arguments.model} is one of {model.codec}, which is not among the codecs."
        )
    return model.sha256

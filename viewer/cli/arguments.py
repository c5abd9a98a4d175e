"""Arguments several commands share: paths, the codec, what is asked of it, the rectangle."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viewer.codecs import registry
from viewer.codecs.base import Options, Target
from viewer.errors import ModelError, RadviewError

DEFAULT_TARGET = Target("ratio", 20.0)

Subparsers = Any
"""What ``add_subparsers`` returns; argparse keeps its class private."""


def add_command(
    commands: Subparsers, name: str, run: Callable[[argparse.Namespace], int], summary: str
) -> argparse.ArgumentParser:
    """Add one command to the parser and tie it to the function that runs it."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary, formatter_class=argparse.HelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def add_paths(parser: argparse.ArgumentParser, *, count: str = "+") -> None:
    """Add the files and folders a command works on."""
    parser.add_argument("paths", metavar="PATH", nargs=count, type=Path, help="files or folders")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def processes(text: str) -> int:
    """Return a number of worker processes."""
    value = int(text)
    if not 1 <= value <= 1024:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of processes from 1 to 1024")
    return value


def positive(text: str) -> float:
    """Parse a number above zero."""
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return value


def not_negative(text: str) -> float:
    """Parse a number of zero or above."""
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of 0 or above")
    return value


def levels(text: str) -> int:
    """Parse a largest error."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return value


def percentage(text: str) -> float:
    """Parse a quality of 0 to 100."""
    value = float(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not between 0 and 100")
    return value


def box(text: str) -> tuple[int, int, int, int]:
    """Parse ``X,Y,W,H`` in pixels of the stored picture."""
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not X,Y,W,H in whole pixels") from None
    if x < 0 or y < 0 or width < 1 or height < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a rectangle with an area")
    return x, y, width, height


def window(text: str) -> tuple[float, float]:
    """Parse ``C,W`` in modality units."""
    try:
        centre, width = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not C,W in two numbers") from None
    if not (math.isfinite(centre) and math.isfinite(width) and width >= 1):
        raise argparse.ArgumentTypeError(f"'{text}' is not a window at least 1 wide")
    return centre, width


def add_coding(parser: argparse.ArgumentParser) -> None:
    """Add the codec, what is asked of it, and where it runs."""
    parser.add_argument(
        "--codec", choices=registry.names(), required=True, help="how the pixels are coded"
    )
    add_target(parser)
    add_model(parser)


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add what is asked of a codec, and where it runs."""
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--ratio", type=positive, metavar="R", help="stored bits : coded bits (default 20)"
    )
    wanted.add_argument("--bpp", type=positive, metavar="B", help="bits per pixel")
    wanted.add_argument("--psnr", type=positive, metavar="P", help="dB, peak 2^BitsStored - 1")
    wanted.add_argument("--quality", type=percentage, metavar="Q", help="the codec's 0 to 100")
    wanted.add_argument("--lossless", action="store_true", help="every pixel exact")
    wanted.add_argument(
        "--max-error", type=levels, metavar="N", help="no pixel off by more than N levels; 0: exact"
    )
    parser.add_argument(
        "--base-ratio",
        type=positive,
        metavar="R",
        help="with --lossless or --max-error: ratio of the picture that vqvae2 gives first",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add ``--model``."""
    parser.add_argument(
        "--model",
        metavar="PATH",
        help="code with this .safetensors file, trained with 'radview train', or with the model "
        "of the models folder whose hash begins so",
    )


def add_deidentify(parser: argparse._ActionsContainer) -> None:
    """Add ``--deidentify``."""
    parser.add_argument(
        "--deidentify",
        action="store_true",
        help="take out whose image it is (PS3.15 Basic Profile); pixels stay as they are",
    )


def target_of(arguments: argparse.Namespace) -> Target:
    """Return what is asked of the codec; the default ratio when nothing is.

    Raises
    ------
    RadviewError
        When a base picture is asked for that nothing follows.
    """
    base = arguments.base_ratio or 0.0
    if arguments.lossless or arguments.max_error == 0:
        return Target("lossless", base=base)
    if arguments.max_error is not None:
        return Target("max_error", float(arguments.max_error), base)
    if base:
        raise RadviewError("--base-ratio goes with --lossless or --max-error alone.")
    for kind in ("ratio", "bpp", "psnr", "quality"):
        value = getattr(arguments, kind)
        if value is not None:
            return Target(kind, value)  # type: ignore[arg-type]
    return DEFAULT_TARGET


def options_of(arguments: argparse.Namespace) -> Options:
    """Return where the codec is to run, and with which model.

    Raises
    ------
    ModelError
        When the model asked for is none of the codec's.
    """
    named = getattr(arguments, "model", None)  # not every command codes
    model = model_of(named, arguments.codec) if named else ""
    return Options(device=arguments.device, model=model)


def model_of(named: str, codec: str) -> str:
    """Return the hash of the model named by its path or the first digits of its hash.

    Raises
    ------
    ModelError
        When there is none, it is damaged, or one of another codec.
    """
    from viewer.codecs import model_files
    from viewer.codecs.model_file import read_model_file

    if not Path(named).exists():
        known = model_files.find(codec, named)
        if known is not None:
            return read_model_file(known).sha256
        raise ModelError(
            f"There is no model {named}, and none of that hash in {model_files.user_folder()}."
        )
    return model_files.use(Path(named), codec).sha256

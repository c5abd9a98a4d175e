"""Arguments that the kinds of `radview evaluate` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from viewer.cli.arguments import positive
from viewer.errors import RadviewError


def whole(text: str) -> int:
    """Parse a whole number above zero."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return value


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add how many images, where to compute, what to keep, and the seed."""
    parser.add_argument("--limit", type=whole, metavar="N", help="only the first N images")
    parser.add_argument(
        "--cache",
        metavar="DIR",
        type=Path,
        help="keep what is done here and go on from it when run again",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--seed", type=int, default=0)


def numbers(text: str | None) -> tuple[float, ...] | None:
    """Return a list such as ``0.1,0.2``; None where there is none.

    Raises
    ------
    RadviewError
        When it is not a list of numbers above zero.
    """
    if text is None:
        return None
    try:
        return tuple(positive(part) for part in text.split(","))
    except (ValueError, argparse.ArgumentTypeError):
        raise RadviewError(f"'{text}' is not a list of numbers above 0 such as 0.1,0.2.") from None


def codec_names(text: str | None) -> tuple[str, ...]:
    """Return the names of codecs a list asks for; those the product can use here without.

    Raises
    ------
    UnknownCodecError
        When one is not known.
    """
    from viewer.codecs import registry
    from viewer.evaluation.coders import coder

    if text is None:
        return tuple(
            name for name in registry.available() if "bpp" in registry.get(name).info.targets
        )
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        coder(name)
    return names


def other_models(texts: list[str]) -> list[tuple[str, str, str]]:
    """Return codec, SHA-256 and training data of the models that ``DATA=FILE`` arguments name.

    Raises
    ------
    RadviewError
        When an argument is not of that form, or a file no model.
    """
    from viewer.codecs import model_files

    found = []
    for text in texts:
        ((data, path),) = pairs([text]).items()
        model = model_files.use(Path(path))
        found.append((model.codec, model.sha256, data))
    return found


def pairs(texts: list[str]) -> dict[str, str]:
    """Return what ``NAME=VALUE`` arguments say.

    Raises
    ------
    RadviewError
        When one has no equals sign.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise RadviewError(f"'{text}' is not NAME=VALUE.")
        found[name] = value
    return found

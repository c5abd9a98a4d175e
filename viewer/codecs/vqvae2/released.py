"""Which models were ever released: every one stays, so that every bitstream stays readable."""

from __future__ import annotations

import json
from pathlib import Path

from viewer.errors import ModelError
from viewer.resources import models_dir


def _folder() -> Path:
    return models_dir() / "vqvae2"


def released() -> dict[str, Path]:
    """Hash (hexadecimal, 8 bytes) to file of every model shipped, oldest first.

    Raises
    ------
    ModelError
        When the list is missing or damaged.
    """
    listing = _folder() / "released.json"
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))["models"]
        return {entry["hash"]: _folder() / entry["file"] for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("The list of released vqvae2 models is missing or damaged.") from error


def newest_path() -> Path:
    """The model encoders use: the last of the list.

    Raises
    ------
    ModelError
        When none is installed.
    """
    files = list(released().values())
    if not files or not files[-1].is_file():
        raise ModelError("No vqvae2 model is installed; train one or install the package again.")
    return files[-1]

"""One weights file of a learned codec: what it is, told by its header alone, and its card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from viewer.errors import ModelError

SUFFIX = ".safetensors"
CARD = "CARD.md"
LARGEST_FILE = 256 << 20
"""Bytes beyond which a file is not taken for a model."""

_LARGEST_LIST = 8 << 20
_LARGEST_CARD = 1 << 18
_SHORT = 16
_VQVAE2 = "radview-vqvae2-"
_NETWORKS = ("vqvae2-paper", "recurrent")
"""Those whose files describe themselves in JSON and are models of the codec of that name."""

_UNTOLD = "not stated in the file"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that a codec can code with.

    Parameters
    ----------
    codec : str
        Name in the registry of the codec it is for.
    path : Path
    sha256 : str
        Of the file, 64 hexadecimal digits; bitstreams name the first of them.
    name : str
        As the file calls itself.
    size : int
        Bytes.
    metadata : tuple of (str, str)
        What the file's header says of it, by name.
    shipped : bool
        Whether it came with the program.
    """

    codec: str
    path: Path
    sha256: str
    name: str
    size: int
    metadata: tuple[tuple[str, str], ...]
    shipped: bool = False

    @property
    def short_hash(self) -> str:
        """The digits that bitstreams and lists show."""
        return self.sha256[:_SHORT]

    @property
    def title(self) -> str:
        """One line for a list."""
        before = self.path.name.startswith("earlier-")
        whose = ("shipped before" if before else "shipped") if self.shipped else "yours"
        return f"{self.name} {self.sha256[:8]}, {whose}"


def read_model_file(path: Path, *, shipped: bool = False) -> ModelFile:
    """Return what a weights file is; its tensors are not looked at.

    Raises
    ------
    ModelError
        When it cannot be read, or is not a model of a codec known here.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror}.") from error
    return _read(path, (status.st_size, status.st_mtime_ns), shipped)


@lru_cache(maxsize=256)
def _read(path: Path, stamp: tuple[int, int], shipped: bool) -> ModelFile:
    if stamp[0] > LARGEST_FILE:
        raise ModelError(f"The file {path} is too large to be a model.")
    try:
        with path.open("rb") as stream:
            metadata = _metadata(stream.read(8), stream.read(min(stamp[0], _LARGEST_LIST)), path)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror}.") from error
    codec, name = _identity(metadata, path)
    return ModelFile(codec, path, digest, name, stamp[0], tuple(sorted(metadata.items())), shipped)


def _metadata(length: bytes, listing: bytes, path: Path) -> dict[str, str]:
    size = int.from_bytes(length, "little")
    try:
        if len(length) < 8 or not 2 <= size <= len(listing):
            raise ValueError("no header")
        metadata = json.loads(listing[:size]).get("__metadata__", {})
        return {str(name): str(value) for name, value in metadata.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"The file {path} is no safetensors file, or it is damaged.") from error


def _identity(metadata: dict[str, str], path: Path) -> tuple[str, str]:
    """The codec a file is for, and its name."""
    if metadata.get("format", "").startswith(_VQVAE2):
        return "vqvae2", metadata.get("name") or "vqvae2"
    described = _parsed(metadata.get("radview", ""))
    network = described.get("network") if isinstance(described, dict) else None
    if network in _NETWORKS:
        return network, str(described.get("name") or _named_by_shape(network, described))
    raise ModelError(f"The file {path} is not a model of a codec known here.")


def _named_by_shape(network: str, described: dict[str, Any]) -> str:
    """A name for a network without one: which cells encode and decode, where its shape says so."""
    shape = described.get("shape")
    if not isinstance(shape, dict) or "cell" not in shape or shape.get("direct"):
        return network
    how = "one-shot" if shape.get("reconstruction") == "oneshot" else "additive"
    return f"{str(shape['cell']).upper()[:8]} {how}"


def card_path(model: ModelFile) -> Path | None:
    """Return the card that lies beside a model's weights, None where there is none."""
    beside = (model.path.with_suffix(".md"), model.path.with_name(CARD))
    return next((path for path in beside if path.is_file()), None)


def card_text(model: ModelFile) -> str:
    """Return the card of a model in Markdown: what it is, its hash, and what is known of it.

    The first lines are those of the file; the card beside the weights follows, or what the
    file's header tells of data, licence and training where there is none.
    """
    head = (
        f"# {model.name}\n\n"
        f"For the codec `{model.codec}`; {'shipped' if model.shipped else 'added by you'}. "
        f"{model.size / 1e6:.2f} MB, `{model.path.name}`.\n\n"
        f"SHA-256 `{model.sha256}`; bitstreams name its beginning.\n\n"
    )
    beside = card_path(model)
    if beside is not None:
        try:
            text = beside.read_bytes()[:_LARGEST_CARD].decode("utf-8", "replace")
        except OSError as error:
            return f"{head}The card {beside.name} cannot be read: {error.strerror}.\n"
        return f"{head}---\n\n{text}"
    return head + _told(dict(model.metadata))


def _told(metadata: dict[str, str]) -> str:
    """What the header of a file says, as a list; what a card owes is named where it is missing."""
    facts: dict[str, Any] = {}
    for name, value in metadata.items():
        parsed = _parsed(value)
        facts.update(parsed if isinstance(parsed, dict) else {name: value})
    nested = facts.pop("training", None)
    if isinstance(nested, dict):
        facts.update(nested)
    lines = ["No card lies beside it. What the file says:\n"]
    for name in ("data", "licence", "figures"):
        lines.append(f"- {name}: {facts.pop(name, _UNTOLD)}")
    for name, value in facts.items():
        told = str(value)
        lines.append(f"- {name}: {told if len(told) <= 200 else told[:200] + ' …'}")
    return "\n".join(lines) + "\n"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

"""Weights files: safetensors with a JSON description inside; nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from viewer.errors import ModelError

LARGEST_FILE = 256 << 20
"""Bytes beyond which a weights file is not read."""

_DESCRIPTION = "radview"


@dataclass(frozen=True)
class Weights:
    """A weights file in memory.

    Attributes
    ----------
    tensors
        By name.
    description
        What the file says of itself: network, shape, rates, training.
    sha256
        Of the file.
    """

    tensors: dict[str, Tensor]
    description: dict[str, Any]
    sha256: bytes

    def part(self, prefix: str) -> dict[str, Tensor]:
        """Tensors whose names start with ``prefix`` and a dot, without them."""
        start = prefix + "."
        return {n.removeprefix(start): t for n, t in self.tensors.items() if n.startswith(start)}


def save_weights(path: Path, tensors: dict[str, Tensor], description: dict[str, Any]) -> None:
    """Write a weights file beside and move it into place; ``description`` is kept as JSON in it."""
    data = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        metadata={_DESCRIPTION: json.dumps(description, sort_keys=True)},
    )
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    os.replace(beside, path)


def load_weights(path: Path, network: str) -> Weights:
    """Read and check a weights file.

    Parameters
    ----------
    path
        The ``.safetensors`` file.
    network
        Name that its description must give.

    Raises
    ------
    ModelError
        When the file is missing, too large, damaged, or of another network.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ModelError(f"The weights {path} are {size} bytes long, more than any model here.")
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The weights {path} cannot be read: {error.strerror}.") from error
    try:
        tensors = load(data)
        description = _description(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The weights {path} are damaged and cannot be used.") from error
    if description.get("network") != network:
        raise ModelError(f"The weights {path} are not those of the network {network}.")
    return Weights(tensors, description, hashlib.sha256(data).digest())


def weights_stamp(path: Path) -> int:
    """Return when a weights file was written, in ns: what was made of it before is kept as long.

    Raises
    ------
    ModelError
        When it is not there.
    """
    try:
        return path.stat().st_mtime_ns
    except OSError:
        raise ModelError(f"The weights {path} are missing; train them or install again.") from None


def fill(network: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Put weights into a network.

    Raises
    ------
    ModelError
        When names or shapes do not fit, or a value is not finite.
    """
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ModelError(f"The weights {path} hold values that are not numbers, in {name}.")
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelError(f"The weights {path} do not fit the network they name.") from error


def _description(data: bytes) -> dict[str, Any]:
    """The JSON in the header, whose length stands in the first eight bytes."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    description = json.loads(header["__metadata__"][_DESCRIPTION])
    if not isinstance(description, dict):
        raise ValueError("the description is not an object")
    return description

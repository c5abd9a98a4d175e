"""The trained network of the codec ``recurrent``, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from viewer.codecs.recurrent.layers import MOST_LAYERS, NAME
from viewer.errors import ModelError
from viewer.networks.recurrent import RecurrentNetwork
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.networks.weights import fill, load_weights, weights_stamp

_LARGEST_WIDTH = 1024


@dataclass(frozen=True)
class RecurrentModel:
    """A network ready to code.

    Attributes
    ----------
    network
        In evaluation mode.
    device
        Where it is.
    digest
        First 16 bytes of the SHA-256 of the weights file.
    """

    network: RecurrentNetwork
    device: torch.device
    digest: bytes

    @property
    def name(self) -> str:
        """Name and short hash, as shown."""
        return f"{NAME} {self.digest.hex()[:8]}"

    @property
    def iterations(self) -> int:
        """Passes it was trained for."""
        return self.network.shape.iterations


def load_model(path: Path, device: torch.device) -> RecurrentModel:
    """Return the model of a weights file, from memory when it is there unchanged.

    Raises
    ------
    ModelError
        When the file cannot be used.
    """
    return _load(path, weights_stamp(path), str(device))


@lru_cache(maxsize=3)
def _load(path: Path, stamp: int, device: str) -> RecurrentModel:
    weights = load_weights(path, NAME)
    network = RecurrentNetwork(_shape(weights.description, path))
    fill(network, weights.part("network"), path)
    if not bool((network.gains > 0).all()):
        raise ModelError(f"The weights {path} hold gains that are not above zero.")
    network.eval().requires_grad_(False)
    where = torch.device(device)
    return RecurrentModel(network.to(where), where, weights.sha256[:16])


def _shape(description: dict[str, Any], path: Path) -> RecurrentShape:
    """The network's shape from the file, within bounds that keep its memory small."""
    try:
        given = dict(description["shape"])
        fields: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in given.items()
        }
        widths = (fields["first"], fields["bits"], *fields["encoder"], *fields["decoder"])
        small = all(isinstance(w, int) and 1 <= w <= _LARGEST_WIDTH for w in widths)
        counted = (len(fields["encoder"]), len(fields["decoder"]), fields["planes"]) == (3, 4, 1)
        counted = counted and set(fields["hidden_kernels"]) <= {1, 3}
        passes = fields["iterations"]
        counted = counted and len(fields["hidden_kernels"]) == 4
        counted = counted and isinstance(fields.get("direct", 0), int)
        guide = fields.get("guide", 0)
        counted = counted and isinstance(guide, int) and guide <= _LARGEST_WIDTH
        if not (small and counted and isinstance(passes, int) and 1 <= passes <= MOST_LAYERS):
            raise ModelError(f"The weights {path} ask for an impossible network.")
        return RecurrentShape(**fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ModelError(f"The weights {path} do not say what network they are for.") from None

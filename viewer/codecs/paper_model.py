"""The trained model of the codec ``vqvae2-paper``: network, coding tables and rates, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from viewer.codecs.index_choice import IndexChooser
from viewer.codecs.index_coding import IndexCoder
from viewer.codecs.index_tables import IndexTables
from viewer.errors import ModelError
from viewer.networks.vqvae2_paper import PaperNetwork, PaperShape
from viewer.networks.weights import Weights, fill, load_weights, weights_stamp

NETWORK = "vqvae2-paper"

_LARGEST_WIDTH = 1024


@dataclass(frozen=True)
class Rate:
    """A rate the model was trained for.

    Attributes
    ----------
    bpp
        Bits per pixel of the whole bitstream, at most.
    lagrangian
        Squared distance of latents that one bit is worth at that rate, on average.
    """

    bpp: float
    lagrangian: float


@dataclass(frozen=True)
class PaperModel:
    """A model in memory, on one device.

    Attributes
    ----------
    network
        In evaluation mode.
    device
        Where it is.
    chooser, coder
        Of its indices; on the CPU.
    rates
        Highest first.
    digest
        First 16 bytes of the SHA-256 of the weights file.
    """

    network: PaperNetwork
    device: torch.device
    chooser: IndexChooser
    coder: IndexCoder
    rates: tuple[Rate, ...]
    digest: bytes

    @property
    def name(self) -> str:
        """Name and short hash, as shown."""
        return f"{NETWORK} {self.digest.hex()[:8]}"


def load_model(path: Path, device: torch.device) -> PaperModel:
    """Return the model of a weights file, from memory when it is there unchanged.

    Raises
    ------
    ModelError
        When the file cannot be used.
    """
    return _load(path, weights_stamp(path), str(device))


@lru_cache(maxsize=3)
def _load(path: Path, stamp: int, device: str) -> PaperModel:
    weights = load_weights(path, NETWORK)
    network = PaperNetwork(_shape(weights.description, path))
    fill(network, weights.part("network"), path)
    network.eval().requires_grad_(False)
    books = network.top_quantiser.codebooks, network.bottom_quantiser.codebooks
    named = {name: tensor.numpy() for name, tensor in weights.part("tables").items()}
    tables = IndexTables.from_arrays(named, len(books[0]), len(books[1]))
    codewords = [[book.codewords.numpy().copy() for book in level] for level in books]
    for groups, level in zip((tables.top, tables.bottom), codewords, strict=True):
        if any(g.size != book.shape[0] for g, book in zip(groups, level, strict=True)):
            raise ModelError(f"The coding tables in {path} do not fit its codebooks.")
    where = torch.device(device)
    return PaperModel(
        network.to(where),
        where,
        IndexChooser(tables, *codewords),
        IndexCoder(tables),
        _rates(weights, path),
        weights.sha256[:16],
    )


def _shape(description: dict[str, Any], path: Path) -> PaperShape:
    """The network's shape from the file, within bounds that keep its memory small."""
    try:
        fields: dict[str, Any] = {
            name: tuple(int(v) for v in value) if isinstance(value, list) else int(value)
            for name, value in description["shape"].items()
        }
        shape = PaperShape(**fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ModelError(f"The weights {path} do not say what network they are for.") from None
    for name, value in fields.items():
        parts = value if isinstance(value, tuple) else (value,)
        limit = 4096 if name.endswith("codewords") else _LARGEST_WIDTH
        if not 1 <= len(parts) <= 8 or not all(1 <= part <= limit for part in parts):
            raise ModelError(f"The weights {path} ask for an impossible network ({name}).")
    return shape


def _rates(weights: Weights, path: Path) -> tuple[Rate, ...]:
    try:
        rates = tuple(
            Rate(float(r["bpp"]), float(r["lagrangian"])) for r in weights.description["rates"]
        )
    except (KeyError, TypeError, ValueError):
        rates = ()
    if not rates or not all(0 < r.bpp < 16 and 0 < r.lagrangian < 1e6 for r in rates):
        raise ModelError(f"The weights {path} do not say what rates they are for.")
    return tuple(sorted(rates, key=lambda r: -r.bpp))

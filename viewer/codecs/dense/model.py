"""The trained networks of the codec ``dense``: encoder and decoder in files of their own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from viewer.codecs.dense.code_coding import Tables
from viewer.errors import ModelError
from viewer.networks.dense import CODE_SIZES, DenseDecoder, DenseEncoder
from viewer.networks.weights import (
    LARGEST_FILE,
    Weights,
    fill,
    load_weights,
    weights_stamp,
)

NETWORK = "dense"
_LARGEST_CODE = 256


@dataclass(frozen=True)
class DecoderModel:
    """What turns codes into tiles, and the tables that they are coded with.

    Attributes
    ----------
    network
        In evaluation mode, on the CPU: it is too small for anything else to be faster.
    tables
    digest
        First 16 bytes of the SHA-256 of the file.
    """

    network: DenseDecoder
    tables: Tables
    digest: bytes

    @property
    def name(self) -> str:
        """Name, numbers of the code and short hash, as shown."""
        return f"{NETWORK}-{self.network.size} {self.digest.hex()[:8]}"


def encoder_path(folder: Path, size: int) -> Path:
    """Return where the encoder of N = `size` lies."""
    return folder / f"encoder-{size}.safetensors"


def decoder_path(folder: Path, size: int) -> Path:
    """Return where the decoder of N = `size` lies."""
    return folder / f"decoder-{size}.safetensors"


def decoder_of(folder: Path, digest: bytes) -> Path | None:
    """Return the shipped decoder whose SHA-256 begins with `digest`, None when it is not here."""
    for size in CODE_SIZES:
        path = decoder_path(folder, size)
        if path.is_file() and _sha256(path, path.stat().st_mtime_ns)[: len(digest)] == digest:
            return path
    return None


def load_decoder(path: Path) -> DecoderModel:
    """Return the decoder of a file, from memory when it is there unchanged.

    Raises
    ------
    ModelError
        When the file cannot be used.
    """
    return _decoder(path, weights_stamp(path))


def load_encoder(path: Path) -> DenseEncoder:
    """Return the encoder of a file, from memory when it is there unchanged.

    Raises
    ------
    ModelError
        When the file cannot be used.
    """
    return _encoder(path, weights_stamp(path))


@lru_cache(maxsize=8)
def _decoder(path: Path, stamp: int) -> DecoderModel:
    weights = load_weights(path, f"{NETWORK}-decoder")
    network = DenseDecoder(_size(weights, path))
    fill(network, weights.part("network"), path)
    try:
        named = weights.part("tables")
        tables = Tables(
            **{
                name: named[name].numpy().astype(np.int64)
                for name in ("codes", "lengths", "scales")
            }
        )
        tables.check(network.size)
    except (KeyError, ValueError) as error:
        raise ModelError(f"The coding tables in {path} cannot be used: {error}.") from error
    network.eval().requires_grad_(False)
    return DecoderModel(network, tables, weights.sha256[:16])


@lru_cache(maxsize=8)
def _encoder(path: Path, stamp: int) -> DenseEncoder:
    weights = load_weights(path, f"{NETWORK}-encoder")
    network = DenseEncoder(_size(weights, path))
    fill(network, weights.part("network"), path)
    network.eval().requires_grad_(False)
    return network


def _size(weights: Weights, path: Path) -> int:
    size = weights.description.get("code")
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_CODE:
        raise ModelError(f"The weights {path} do not say how long their code is.")
    return size


@lru_cache(maxsize=8)
def _sha256(path: Path, stamp: int) -> bytes:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(LARGEST_FILE)).digest()


@torch.inference_mode()
def run_encoder(network: DenseEncoder, shapes: np.ndarray) -> np.ndarray:
    """Return codes (n, N) of shapes (n, 784)."""
    return network(torch.from_numpy(np.ascontiguousarray(shapes, np.float32))).numpy()


@torch.inference_mode()
def run_decoder(network: DenseDecoder, codes: np.ndarray) -> np.ndarray:
    """Return shapes (n, 784) of codes (n, N)."""
    return network(torch.from_numpy(np.ascontiguousarray(codes, np.float32))).numpy()

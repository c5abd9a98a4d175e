"""Small untrained encoders and decoders, with tables that were counted on nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from viewer.codecs.dense.code_coding import LENGTHS, LEVELS, frequencies
from viewer.codecs.dense.model import decoder_path, encoder_path
from viewer.codecs.dense.tiles import SCALES
from viewer.networks.dense import CODE_SIZES, DenseDecoder, DenseEncoder
from viewer.networks.weights import save_weights


def save_models(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    nothing = np.zeros(0, np.int64)
    for size in CODE_SIZES:
        encoder, decoder = DenseEncoder(size), DenseDecoder(size)
        save_weights(
            encoder_path(folder, size),
            {f"network.{name}": value for name, value in encoder.state_dict().items()},
            {"network": "dense-encoder", "code": size},
        )
        tables = {
            "codes": np.tile(frequencies(nothing, LEVELS), (size, 1)),
            "lengths": frequencies(nothing, LENGTHS),
            "scales": frequencies(nothing, SCALES),
        }
        tensors = {f"network.{name}": value for name, value in decoder.state_dict().items()}
        for name, table in tables.items():
            tensors[f"tables.{name}"] = torch.from_numpy(table.astype(np.int32))
        save_weights(
            decoder_path(folder, size), tensors, {"network": "dense-decoder", "code": size}
        )
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_models(tmp_path_factory.mktemp("dense"))

"""A small untrained model: what is coded looks like nothing, but all of it must come back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from viewer.codecs.recurrent.codec import Recurrent
from viewer.networks.recurrent import RecurrentNetwork
from viewer.networks.recurrent_shape import RecurrentShape
from viewer.networks.weights import save_weights

SMALL = RecurrentShape(first=4, encoder=(4, 8, 8), decoder=(8, 8, 8, 4), bits=8)


def save_model(path: Path, shape: RecurrentShape, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    network = RecurrentNetwork(shape)
    save_weights(
        path,
        {f"network.{name}": value for name, value in network.state_dict().items()},
        {"network": "recurrent", "shape": asdict(shape)},
    )
    return path


@pytest.fixture(scope="session")
def small_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("recurrent") / "small.safetensors", SMALL)


@pytest.fixture
def small(small_path: Path) -> Recurrent:
    return Recurrent(small_path)

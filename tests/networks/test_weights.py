"""Weights files: what was saved comes back, and damage is one clear sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from viewer.errors import ModelError
from viewer.networks.device import choose_device
from viewer.networks.weights import fill, load_weights, save_weights


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    layer = nn.Linear(3, 2)
    tensors = {f"network.{name}": value for name, value in layer.state_dict().items()}
    tensors["tables.means"] = torch.arange(4)
    save_weights(path, tensors, {"network": "some", "rates": [1, 2]})
    return path


def test_what_was_saved_comes_back(weights: Path) -> None:
    loaded = load_weights(weights, "some")
    assert loaded.description == {"network": "some", "rates": [1, 2]}
    assert loaded.sha256 == hashlib.sha256(weights.read_bytes()).digest()
    assert loaded.part("tables")["means"].tolist() == [0, 1, 2, 3]
    layer = nn.Linear(3, 2)
    fill(layer, loaded.part("network"), weights)
    assert not list(weights.parent.glob("*.part"))


def test_weights_of_another_network(weights: Path) -> None:
    with pytest.raises(ModelError, match="not those of"):
        load_weights(weights, "other")
    with pytest.raises(ModelError, match="do not fit"):
        fill(nn.Linear(4, 2), load_weights(weights, "some").part("network"), weights)


def test_missing_and_damaged_files(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_weights(tmp_path / "none.safetensors", "some")
    whole = weights.read_bytes()
    for damaged in (b"", whole[:7], whole[:60], whole[:-1], b"\xff" * 200, whole[8:]):
        weights.write_bytes(damaged)
        with pytest.raises(ModelError, match=r"damaged|cannot"):
            load_weights(weights, "some")


def test_a_file_without_a_description(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(ModelError, match="damaged"):
        load_weights(path, "some")
    save_file({"a": torch.zeros(2)}, path, metadata={"radview": json.dumps([1])})
    with pytest.raises(ModelError, match="damaged"):
        load_weights(path, "some")


def test_a_file_too_large_is_not_read(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.networks.weights.LARGEST_FILE", 10)
    with pytest.raises(ModelError, match="more than any model"):
        load_weights(weights, "some")


def test_values_that_are_not_numbers(weights: Path) -> None:
    tensors = load_weights(weights, "some").part("network")
    tensors["weight"][0, 0] = float("nan")
    with pytest.raises(ModelError, match="not numbers"):
        fill(nn.Linear(3, 2), tensors, weights)


def test_the_device_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu").type == "cpu"
    monkeypatch.setenv("RADVIEW_DEVICE", "cpu")
    assert choose_device().type == "cpu"
    assert choose_device("auto").type == "cpu"
    monkeypatch.setenv("RADVIEW_DEVICE", "abacus")
    with pytest.raises(ModelError, match="abacus"):
        choose_device()
    monkeypatch.delenv("RADVIEW_DEVICE")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device().type == "cpu"
    with pytest.raises(ModelError, match="CUDA"):
        choose_device("cuda")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device().type == "cuda"

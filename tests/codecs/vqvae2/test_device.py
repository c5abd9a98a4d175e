"""The same pixels whatever the networks run on; a device that is not exact is not used."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.vqvae2 import kept, model
from viewer.codecs.vqvae2.codec import Vqvae2
from viewer.errors import CodecUnavailableError, ModelError
from viewer.networks import vqvae2_exact

GREY = PixelFormat(12)


@pytest.fixture
def fresh(random_model: Path, tmp_path: Path) -> Vqvae2:
    """The codec with a model whose networks have not been made yet."""
    return Vqvae2(Path(shutil.copy(random_model, tmp_path / "fresh.safetensors")))


@pytest.mark.parametrize("ways", ["floats", "matrices", "double matrices"])
def test_every_way_decodes_the_same(
    codec: Vqvae2, fresh: Vqvae2, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch, ways: str
) -> None:
    """Among them the route of other devices, here on the CPU."""
    data = codec.encode(picture, GREY, Target("quality", 60)).data
    expected = codec.decode(data).pixels
    kept.forget()
    chosen = {
        "floats": (vqvae2_exact.Floats,),
        "matrices": vqvae2_exact.WAYS["other"],
        "double matrices": vqvae2_exact.WAYS["other"][1:],
    }[ways]
    monkeypatch.setitem(vqvae2_exact.WAYS, "cpu", chosen)
    monkeypatch.setattr("viewer.networks.vqvae2_inference.has_byte_products", lambda: False)
    np.testing.assert_array_equal(fresh.decode(data).pixels, expected)
    assert fresh.encode(picture, GREY, Target("quality", 60)).data == data


def test_a_gpu_decodes_the_same(codec: Vqvae2, picture: np.ndarray) -> None:
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    gpu, cpu = Options(device="cuda"), Options(device="cpu")
    encoded = codec.encode(picture, GREY, Target("quality", 60), options=gpu)
    assert encoded.device == "cuda"
    kept.forget()
    assert codec.encode(picture, GREY, Target("quality", 60), options=cpu).data == encoded.data
    decoded = codec.decode(encoded.data, options=gpu)
    assert decoded.device == "cuda"
    np.testing.assert_array_equal(decoded.pixels, codec.decode(encoded.data, options=cpu).pixels)


def test_a_device_that_is_not_exact_gives_way_to_the_cpu(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = model.load_path(random_model)
    tried: list[int] = []

    def refuse(*_: object) -> None:
        tried.append(1)
        raise ModelError("It multiplies in ten bits.")

    monkeypatch.setitem(vqvae2_exact.WAYS, "other", (refuse,))
    device = torch.device("meta")
    assert loaded.on(device).device.type == "cpu"
    assert loaded.on(device).device.type == "cpu"
    assert len(tried) == 1
    assert loaded.on(torch.device("cpu")).device.type == "cpu"


def test_a_device_that_is_not_there_is_named(codec: Vqvae2, picture: np.ndarray) -> None:
    with pytest.raises(CodecUnavailableError, match="no device 'abacus'"):
        codec.encode(picture, GREY, Target("quality", 60), options=Options(device="abacus"))

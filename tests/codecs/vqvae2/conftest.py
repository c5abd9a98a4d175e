"""A small model with random weights: exactness does not depend on how well a model was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viewer.codecs.vqvae2.codec import Vqvae2


@pytest.fixture(scope="session", params=[1, 2])
def random_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file with narrow random networks, filter included, of each bitstream version."""
    import torch
    from torch import nn

    from viewer.networks.vqvae2_filter import RestorationFilter
    from viewer.networks.vqvae2_prior import LevelPrior
    from viewer.training.vqvae2_export import starting_tables, weights_file

    torch.manual_seed(5)
    priors = [LevelPrior(6) for _ in range(4)]
    for prior in priors:
        for out in prior.out:
            nn.init.uniform_(out.weight, -0.5, 0.5)
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    restoration = RestorationFilter(6)
    tables = starting_tables(dependent=request.param == 2)
    path.write_bytes(weights_file(priors, tables, restoration, {"name": "random"}))
    return path


@pytest.fixture(scope="session")
def codec(random_model: Path) -> Vqvae2:
    return Vqvae2(random_model)


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """A smooth 12-bit picture with noise, an edge and a dark frame."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:150, 0:203]
    values = 2000 + 900 * np.sin(x / 23) * np.cos(y / 31) + 40 * rng.standard_normal(x.shape)
    values[60:, 120:] += 700
    values[0] *= 0.5
    values[:, -1] *= 0.5
    return np.clip(values, 0, 4095).astype(np.uint16)

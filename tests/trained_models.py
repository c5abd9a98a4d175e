"""Small models with random weights, as a user might have trained."""

from __future__ import annotations

import json
from pathlib import Path


def vqvae2_model(path: Path, seed: int = 7, **about: str) -> Path:
    """Write a narrow vqvae2 model with random weights."""
    import torch
    from torch import nn

    from viewer.networks.vqvae2_filter import RestorationFilter
    from viewer.networks.vqvae2_prior import LevelPrior
    from viewer.training.vqvae2_export import starting_tables, weights_file

    torch.manual_seed(seed)
    priors = [LevelPrior(4) for _ in range(4)]
    for prior in priors:
        for out in prior.out:
            nn.init.uniform_(out.weight, -0.5, 0.5)
    told = {"name": "mine", "training": json.dumps({"images": 12, "data": "our knees"}), **about}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(weights_file(priors, starting_tables(), RestorationFilter(4), told))
    return path

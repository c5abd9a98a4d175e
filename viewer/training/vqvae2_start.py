"""Go on from a model's weights."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from viewer.codecs.vqvae2.model import Model, load_path
from viewer.errors import ModelError, TrainingError
from viewer.networks.vqvae2_filter import RestorationFilter
from viewer.networks.vqvae2_integer import GridConv
from viewer.training.vqvae2_rate import PyramidPrior


def load_start(path: Path) -> Model:
    """Read the model a training starts from.

    Raises
    ------
    TrainingError
        When it cannot be read.
    """
    try:
        return load_path(path)
    except ModelError as error:
        raise TrainingError(f"The training cannot start from {path}: {error}") from error


def start_prior(prior: PyramidPrior, model: Model) -> None:
    """Give the priors of all levels the model's weights.

    Raises
    ------
    TrainingError
        When its networks have other widths.
    """
    for level, given in zip(prior.levels(), model.priors, strict=True):
        _copy(given, level)


def start_filter(network: RestorationFilter, model: Model) -> bool:
    """Give the filter the model's weights; whether it has any of this width."""
    given = model.restoration
    if given is None or given.first.out_channels != network.first.out_channels:
        return False
    _copy(given, network)
    return True


@torch.no_grad()
def _copy(given: nn.Module, target: nn.Module) -> None:
    source = {n: m for n, m in given.named_modules() if isinstance(m, GridConv)}
    for name, conv in target.named_modules():
        if not isinstance(conv, GridConv):
            continue
        for own, other in ((conv.weight, source[name].weight), (conv.bias, source[name].bias)):
            if own is None or other is None:
                continue
            if own.shape != other.shape:
                raise TrainingError("The model to start from has networks of other widths.")
            own.copy_(other)

"""A dense autoencoder that begins as the best linear code, for tiles of radiographs.

Ercan's network starts at random and learns MNIST's strokes in minutes. Shapes of radiographs are
nearly Gaussian, so that their principal components are a good code already: the encoder begins with
them inside the nearly straight part of its sigmoids, and the decoder with the layer that gives the
least squared error for these codes.
"""

from __future__ import annotations

import numpy as np
import torch

from viewer.networks.dense import HIDDEN, DenseDecoder, DenseEncoder
from viewer.training.dense_trainer import Vectors

_STRAIGHT = 0.5
"""Standard deviation of what enters the encoder's hidden sigmoids: they bend it little."""

_SPREAD = 1.2
"""Of what enters the code's sigmoids: codes fill 0 .. 1."""

_STEEP = 8.0
_EDGE = 0.03
_RIDGE = 1e-7


@torch.no_grad()
def start_principal(encoder: DenseEncoder, decoder: DenseDecoder, train: Vectors) -> None:
    """Set both networks from images (n, 784) in 0 .. 1."""
    values = torch.from_numpy(train)
    mean = values.mean(0)
    axes, deviations = _principal(values, mean)
    weights = _STRAIGHT * axes / deviations[:, None]
    encoder.hidden.weight.copy_(weights)
    encoder.hidden.bias.copy_(-weights @ mean)
    size = encoder.size
    # A sigmoid rises by a quarter around zero: four times its way from a half is what went in.
    slope = _SPREAD * 4 / _STRAIGHT
    encoder.code.weight.zero_()
    encoder.code.weight[:, :size] = slope * torch.eye(size)
    encoder.code.bias.fill_(-slope / 2)
    _fit(decoder, encoder(values), values)


def _principal(values: torch.Tensor, mean: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The first axes (128, 784), the largest first, and the standard deviations along them."""
    product = (values.T @ values).double() / len(values)
    covariance = product - torch.outer(mean.double(), mean.double())
    found, vectors = np.linalg.eigh(covariance.numpy())
    deviations = np.sqrt(np.maximum(found[::-1][:HIDDEN], 1e-8))
    axes = np.ascontiguousarray(vectors[:, ::-1][:, :HIDDEN].T)
    return torch.from_numpy(axes).float(), torch.from_numpy(deviations).float()


def _fit(decoder: DenseDecoder, codes: torch.Tensor, values: torch.Tensor) -> None:
    """Hidden units that see a number of the code each, flat and steep, and the best way on."""
    size = decoder.size
    decoder.hidden.weight.mul_(0.1)
    decoder.hidden.bias.zero_()
    for unit in range(min(2 * size, HIDDEN)):
        slope = 1.0 if unit < size else _STEEP
        decoder.hidden.weight[unit] = 0.0
        decoder.hidden.weight[unit, unit % size] = slope
        decoder.hidden.bias[unit] = -slope / 2
    seen = torch.sigmoid(decoder.hidden(codes))
    seen = torch.cat((seen, torch.ones(len(seen), 1)), 1).double()
    wanted = torch.logit(values.clamp(_EDGE, 1 - _EDGE)).double()
    normal = seen.T @ seen / len(seen) + _RIDGE * torch.eye(seen.shape[1], dtype=torch.float64)
    solved = torch.linalg.solve(normal, seen.T @ wanted / len(seen)).float()
    decoder.values.weight.copy_(solved[:-1].T)
    decoder.values.bias.copy_(solved[-1])

"""A trained `vqvae2` as the integers that go into its weights file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import nn

from viewer.codecs.vqvae2.model import FORMATS
from viewer.codecs.vqvae2.tables import (
    CENTROID_REACH,
    FREQUENCY_BITS,
    OFFSETS,
    REACH,
    ROWS,
    SYMBOLS,
    Tables,
)
from viewer.networks.vqvae2_filter import RestorationFilter
from viewer.networks.vqvae2_integer import SUM_STEPS, WEIGHT_STEPS, GridConv
from viewer.networks.vqvae2_prior import LevelPrior


def laplace_probabilities(quantiser: int = 0) -> NDArray[np.float64]:
    """What a quantiser's tables are before any image was seen, shape (ROWS, SYMBOLS)."""
    codes = np.arange(-REACH, REACH + 1)
    middles = codes - 0.5 * np.sign(codes) * quantiser
    between = (middles[1:] + middles[:-1]) / 2
    edges = np.concatenate([[-np.inf], between, [np.inf]])
    out = np.empty((ROWS, SYMBOLS))
    for row in range(ROWS):
        scale = 2.0 ** (row // OFFSETS / 4 - 4)
        x = (edges - row % OFFSETS / 8) / scale
        cdf = np.where(x < 0, 0.5 * np.exp(np.minimum(x, 0)), 1 - 0.5 * np.exp(-np.maximum(x, 0)))
        out[row] = np.diff(cdf)
    return out


def frequencies(probabilities: NDArray[np.float64]) -> NDArray[np.int32]:
    """Positive integers in the proportions given; each row sums to 2**16."""
    total = 1 << FREQUENCY_BITS
    share = probabilities / probabilities.sum(1, keepdims=True)
    out = np.maximum(np.floor(share * (total - SYMBOLS) + 0.5), 0).astype(np.int32) + 1
    out[np.arange(len(out)), out.argmax(1)] += total - out.sum(1)
    return out


def starting_tables(dependent: bool = True) -> Tables:
    """Laplace tables of one quantiser or two, values in the middle of their bins."""
    laplace = _laplace_tables(1 + dependent)
    centroids = np.zeros((len(laplace), 2 * CENTROID_REACH + 1), np.int16)
    return Tables(frequencies(laplace), centroids)


def _laplace_tables(quantisers: int) -> NDArray[np.float64]:
    return np.concatenate([laplace_probabilities(number) for number in range(quantisers)])


def fitted_tables(
    counts: NDArray[np.float64], sums: NDArray[np.float64], weights: NDArray[np.float64]
) -> Tables:
    """Tables of what was seen, leaning on the Laplace law where little was.

    Parameters
    ----------
    counts : ndarray, shape (ROWS, SYMBOLS) or twice the rows
        How often each symbol was seen with each table.
    sums, weights : ndarray, shape (ROWS, 5) or twice the rows
        Sum of (value - symbol), in steps, and number, for symbols clipped to -2 .. 2.
    """
    # Offset 0 has no side: both signs share one statistic.
    counts, sums, weights = counts.copy(), sums.copy(), weights.copy()
    even = np.arange(len(counts) // OFFSETS) * OFFSETS
    counts[even] = (counts[even] + counts[even, ::-1]) / 2
    sums[even] = (sums[even] - sums[even, ::-1]) / 2
    weights[even] = (weights[even] + weights[even, ::-1]) / 2
    probabilities = counts + 200 * _laplace_tables(len(counts) // ROWS)
    shrunk = sums / (weights + 200) * 256
    centroids = np.clip(np.floor(shrunk + 0.5), -127, 127).astype(np.int16)
    return Tables(frequencies(probabilities), centroids)


def _integers(module: nn.Module, prefix: str) -> dict[str, torch.Tensor]:
    tensors = {}
    for name, child in module.named_modules():
        if isinstance(child, GridConv):
            weight, bias = child.on_grid()
            tensors[f"{prefix}.{name}.weight"] = (
                (weight.detach() * WEIGHT_STEPS).round().to(torch.int16)
            )
            if bias is not None:
                tensors[f"{prefix}.{name}.bias"] = (
                    (bias.detach() * SUM_STEPS).round().to(torch.int32)
                )
    return tensors


def weights_file(
    priors: Sequence[LevelPrior],
    tables: Tables,
    restoration: RestorationFilter | None,
    about: Mapping[str, str],
) -> bytes:
    """The bytes of the model file."""
    tensors = {}
    for index, prior in enumerate(priors):
        tensors.update(_integers(prior, f"prior.{index}"))
    if restoration is not None:
        tensors.update(_integers(restoration, "filter"))
    tensors["frequencies"] = torch.from_numpy(tables.frequencies.astype(np.int32))
    tensors["centroids"] = torch.from_numpy(tables.centroids.astype(np.int16))
    metadata = {
        **about,
        "format": FORMATS[tables.dependent],
        "prior_widths": ",".join(str(prior.base1.out_channels) for prior in priors),
        "filter_width": str(restoration.first.out_channels if restoration is not None else 0),
    }
    return save(tensors, metadata=metadata)

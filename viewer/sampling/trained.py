"""Trained networks in use: numpy in, numpy out; torch is imported when the first one is asked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ModelError
from viewer.networks.torch_loading import load_torch
from viewer.resources import models_dir
from viewer.sampling.density import floored, grid_of_density
from viewer.sampling.edge_energy import as_nodes
from viewer.sampling.grid import Grid, Size, resized, uniform_grid
from viewer.sampling.pyramid import Pyramid, build_pyramid
from viewer.sampling.view import low_resolution_view

if TYPE_CHECKING:
    from torch import Tensor

    from viewer.networks.downsampler import Downsampler, DownsamplerShape

SIZES = (64, 96, 128)
"""Samples a side for which weights are shipped."""


class Trained:
    """One sampler and its segmenter.

    Parameters
    ----------
    path : Path
        A weights file that `radview train downsampler` wrote.

    Attributes
    ----------
    training : dict
        How it was trained: seed, data, what was planted.

    Raises
    ------
    ModelError
    """

    def __init__(self, path: Path) -> None:
        load_torch()
        from viewer.networks.downsampler import load_downsampler

        self._model: Downsampler
        self._model, self.training, digest = load_downsampler(path)
        self.digest = digest.hex()
        self.name = f"{path.stem} {self.digest[:8]}"

    @property
    def shape(self) -> DownsamplerShape:
        """What it is made of; `classes` names what it finds."""
        return self._model.shape

    def density(self, picture: NDArray[Any] | Pyramid) -> NDArray[np.float64]:
        """Return where the deformation module wants samples; sums to 1. Of `learned` alone."""
        import torch

        if self._model.shape.sampler != "learned" or self._model.position is None:
            raise ModelError(f"The sampler {self._model.shape.sampler} has no density of its own.")
        with torch.no_grad():
            found = self._model.position(self._view(picture)[0])[0]
        return floored(found.numpy())

    def grid(self, picture: NDArray[Any] | Pyramid, size: Size) -> Grid:
        """Return the sampling grid of a picture, (rows, columns) or with 3 channels last."""
        import torch

        shape = self._model.shape
        if shape.sampler == "learned":
            return grid_of_density(self.density(picture), size, shape.kernel_width)
        if shape.sampler == "uniform" or self._model.position is None:
            return uniform_grid(size)
        with torch.no_grad():
            offsets = self._model.position(self._view(picture)[0])[0]
        return resized(as_nodes(offsets.numpy()), size)

    def segment(
        self, picture: NDArray[Any] | Pyramid, sampled: NDArray[Any]
    ) -> NDArray[np.float32]:
        """Return class shares (h, w, classes) at the samples of a picture."""
        import torch

        from viewer.networks.downsampler import probabilities

        _, mean, deviation = self._view(picture)
        with torch.no_grad():
            small = (self._tensor(sampled) - mean) / deviation
            shares = probabilities(self._model.segmenter(small))[0]
        return shares.permute(1, 2, 0).numpy()

    def _tensor(self, picture: NDArray[Any]) -> Tensor:
        import torch

        values = np.asarray(picture, np.float32)
        if values.ndim == 2:
            values = values[..., None]
        inputs = self._model.shape.inputs
        if values.shape[2] != inputs:
            values = np.repeat(values.mean(axis=2, keepdims=True), inputs, axis=2)
        return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]

    def _view(self, picture: NDArray[Any] | Pyramid) -> tuple[Tensor, Tensor, Tensor]:
        import torch

        from viewer.networks.downsampler import normalised

        pyramid = picture if isinstance(picture, Pyramid) else build_pyramid(picture)
        view = low_resolution_view(pyramid, self._model.shape.view)
        fine = torch.from_numpy(np.ascontiguousarray(view[..., -1]))[None, None]
        return normalised(torch.cat([self._tensor(view[..., :-1]), fine], dim=1))


@lru_cache(maxsize=12)
def load(path: Path) -> Trained:
    """Return the networks of a weights file, read once for the process."""
    return Trained(path)


def shipped(sampler: str, size: int, seed: int = 0) -> Trained:
    """Return the shipped networks of a sampler at the trained size nearest to ``size``.

    Raises
    ------
    ModelError
        When the installation lacks them.
    """
    return load(shipped_path(sampler, size, seed))


def shipped_path(sampler: str, size: int, seed: int = 0) -> Path:
    """Return where the weights of the trained size nearest to ``size`` are shipped."""
    nearest = min(SIZES, key=lambda known: abs(known - size))
    return models_dir() / "downsampler" / f"{sampler}-{nearest}-{seed}.safetensors"

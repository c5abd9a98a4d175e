"""The three samplers behind one interface: a picture and a target size give a grid."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.sampling import trained
from viewer.sampling.boundaries import Labels, check_labels
from viewer.sampling.edge_energy import edge_grid
from viewer.sampling.grid import Grid, Size, uniform_grid
from viewer.sampling.pyramid import Pyramid, check_picture

NAMES = ("uniform", "edge", "learned")


class Sampler(ABC):
    """Where the samples of a picture lie.

    ``picture`` is (rows, columns) or (rows, columns, 3), 8-bit as shown, or its `Pyramid`.
    """

    name: str
    title: str

    @abstractmethod
    def grid(
        self, picture: NDArray[Any] | Pyramid, size: Size, labels: Labels | None = None
    ) -> Grid:
        """Return the grid; see `viewer.sampling.grid` for what it promises.

        Parameters
        ----------
        picture : ndarray or Pyramid
        size : (rows, columns)
        labels : ndarray, optional
            Reference classes of every pixel; only `edge` looks at them.

        Raises
        ------
        SamplingError, ModelError
        """

    def density(self, picture: NDArray[Any] | Pyramid, size: Size) -> NDArray[np.float64]:
        """Return the share of the samples in each part of the picture, (rows, columns), sum 1.

        Of samplers without a density of their own, that which their grid has.
        """
        return density_of_grid(self.grid(picture, size))


class Uniform(Sampler):
    """Equal distances."""

    name, title = "uniform", "Uniform"

    def grid(
        self, picture: NDArray[Any] | Pyramid, size: Size, labels: Labels | None = None
    ) -> Grid:
        """Return the uniform grid."""
        _check(picture)
        return uniform_grid(size)


class Edge(Sampler):
    """Drawn to boundaries: to the reference where there is one, else to where a network expects it.

    Parameters
    ----------
    model : Trained, optional
        The shipped one without.
    """

    name, title = "edge", "Edges (Marin)"

    def __init__(self, model: trained.Trained | None = None) -> None:
        self._model = model

    def grid(
        self, picture: NDArray[Any] | Pyramid, size: Size, labels: Labels | None = None
    ) -> Grid:
        """Return the grid of least energy on the labels, or the regressed one."""
        shape = _check(picture)
        if labels is not None:
            return edge_grid(check_labels(labels, 256, shape), size)
        return (self._model or trained.shipped(self.name, max(size))).grid(picture, size)


class Learned(Sampler):
    """Drawn to where the deformation module expects samples to help the segmentation.

    Parameters
    ----------
    model : Trained, optional
        The shipped one without.
    """

    name, title = "learned", "Learned (Jin)"

    def __init__(self, model: trained.Trained | None = None) -> None:
        self._model = model

    def grid(
        self, picture: NDArray[Any] | Pyramid, size: Size, labels: Labels | None = None
    ) -> Grid:
        """Return the grid of the learned density."""
        _check(picture)
        return self._trained(size).grid(picture, size)

    def density(self, picture: NDArray[Any] | Pyramid, size: Size) -> NDArray[np.float64]:
        """Return the learned density itself."""
        _check(picture)
        return self._trained(size).density(picture)

    def _trained(self, size: Size) -> trained.Trained:
        return self._model or trained.shipped(self.name, max(size))


def get(name: str, model: trained.Trained | None = None) -> Sampler:
    """Return the sampler of that name.

    Parameters
    ----------
    name : {"uniform", "edge", "learned"}
    model : Trained, optional
        Networks of the user's own; the shipped ones, of the nearest size, without.

    Raises
    ------
    SamplingError
        When there is none of that name.
    """
    if name == "uniform":
        return Uniform()
    if name == "edge":
        return Edge(model)
    if name == "learned":
        return Learned(model)
    raise SamplingError(f"There is no sampler '{name}'; there are {', '.join(NAMES)}.")


def density_of_grid(grid: Grid, nodes: int = 64) -> NDArray[np.float64]:
    """Return the share of a grid's samples in each of ``nodes`` x ``nodes`` parts; sums to 1."""
    from viewer.sampling.restoring import locate, magnification

    share = magnification(locate(grid, (nodes, nodes))).astype(np.float64)
    return share / share.sum()


def _check(picture: NDArray[Any] | Pyramid) -> tuple[int, int]:
    if isinstance(picture, Pyramid):
        return picture.shape
    shape = check_picture(picture).shape
    return shape[0], shape[1]

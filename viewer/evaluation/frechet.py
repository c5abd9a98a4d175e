"""Distances between two clouds of features: Frechet, and kernel (maximum mean discrepancy).

M. Heusel et al., "GANs trained by a two time-scale update rule ...", NeurIPS 2017 (Frechet
inception distance); M. Binkowski et al., "Demystifying MMD GANs", ICLR 2018 (kernel).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.progress import NEVER, CancelToken

Features = NDArray[np.floating]  # type: ignore[type-arg]


class FeatureRows:
    """Blocks of features as one table of which rows are taken; the blocks may be mapped from disk.

    Parameters
    ----------
    blocks : sequence of ndarray, shape (n, dimensions) each
    """

    def __init__(self, blocks: Sequence[Features]) -> None:
        self._blocks = blocks
        self._starts = np.cumsum([0, *(len(block) for block in blocks)])
        self.dimensions = int(blocks[0].shape[1])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def rows(self, wanted: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return some rows, shape (len(wanted), dimensions), in float32."""
        found = np.empty((len(wanted), self.dimensions), np.float32)
        block = np.searchsorted(self._starts, wanted, side="right") - 1
        for number in np.unique(block):
            here = block == number
            found[here] = self._blocks[number][wanted[here] - self._starts[number]]
        return found


class Moments:
    """Mean and covariance of features that come in blocks; memory does not grow with their number.

    Parameters
    ----------
    dimensions : int
    """

    def __init__(self, dimensions: int) -> None:
        self.count = 0
        self.mean = np.zeros(dimensions)
        self._scatter = np.zeros((dimensions, dimensions))

    def add(self, block: Features) -> None:
        """Take in a block, shape (n, dimensions) (pairwise update of Chan, Golub and LeVeque)."""
        if not len(block):
            return
        values = block.astype(np.float64)
        mean = values.mean(0)
        values -= mean
        delta = mean - self.mean
        total = self.count + len(block)
        self._scatter += values.T @ values
        self._scatter += np.outer(delta, delta) * (self.count * len(block) / total)
        self.mean = self.mean + delta * (len(block) / total)
        self.count = total

    @property
    def covariance(self) -> NDArray[np.float64]:
        """With n - 1 below; shape (dimensions, dimensions)."""
        return self._scatter / max(self.count - 1, 1)


def frechet_distance(one: Moments, other: Moments) -> float:
    """Squared Frechet distance of the two Gaussians with these moments.

    ``|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))``; the trace of the root is the sum of the roots
    of the eigenvalues of ``C1^(1/2) C2 C1^(1/2)``, which is symmetric: no complex root, and
    singular covariances do no harm.

    Raises
    ------
    MeasureError
        When one has fewer than two features, or dimensions differ.
    """
    if min(one.count, other.count) < 2 or one.mean.shape != other.mean.shape:
        raise MeasureError("A Frechet distance needs at least two features of the same size each.")
    first, second = one.covariance, other.covariance
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    product = root @ second @ root
    crossed = np.linalg.eigvalsh((product + product.T) / 2)
    shift = one.mean - other.mean
    distance = shift @ shift + np.trace(first) + np.trace(second)
    # Rounding alone may take the distance of a cloud to itself below zero.
    return max(0.0, float(distance - 2 * np.sqrt(np.clip(crossed, 0, None)).sum()))


def frechet_of_few(one: Features, other: Features) -> float:
    """The same from fewer features than dimensions, without a matrix of dimensions squared.

    With centred features as the rows of A and B, the roots of the eigenvalues of ``C1 C2`` are the
    singular values of ``A B^T``, divided by the root of ``(n - 1) (m - 1)``.

    Parameters
    ----------
    one, other : ndarray, shape (n, dimensions) and (m, dimensions)

    Raises
    ------
    MeasureError
        When one has fewer than two features, or dimensions differ.
    """
    if min(len(one), len(other)) < 2 or one.shape[1] != other.shape[1]:
        raise MeasureError("A Frechet distance needs at least two features of the same size each.")
    first, second = one.astype(np.float64), other.astype(np.float64)
    shift = first.mean(0) - second.mean(0)
    first -= first.mean(0)
    second -= second.mean(0)
    n, m = len(first) - 1, len(second) - 1
    crossed = np.linalg.svd(first @ second.T, compute_uv=False).sum() / np.sqrt(n * m)
    spread = (first**2).sum() / n + (second**2).sum() / m
    return max(0.0, float(shift @ shift + spread - 2 * crossed))


@dataclass(frozen=True, slots=True)
class KernelDistance:
    """Unbiased estimates of the squared kernel distance over subsets.

    Parameters
    ----------
    mean, deviation : float
        Over the subsets; the mean may be slightly negative where the two are alike.
    subsets, size : int
        How many, and features in each.
    """

    mean: float
    deviation: float
    subsets: int
    size: int


def kernel_distance(
    one: FeatureRows,
    other: FeatureRows,
    *,
    subsets: int = 100,
    size: int = 1000,
    seed: int = 0,
    cancel: CancelToken = NEVER,
) -> KernelDistance:
    """Kernel inception distance with the kernel ``(x.y / dimensions + 1)^3``.

    Row i of both may be the same place of a picture and of its reconstruction: such pairs depend
    on each other, which the estimate does not allow, so a subset never takes both rows of a pair.

    Parameters
    ----------
    one, other : FeatureRows
        Only the rows of one subset are in memory at a time.
    subsets, size : int
        Subsets drawn, and features in each of them; at most half of what there is.

    Raises
    ------
    MeasureError
        When there are fewer than four features.
    Cancelled
    """
    most = min(len(one), len(other))
    size = min(size, most // 2)
    if size < 2 or one.dimensions != other.dimensions:
        raise MeasureError("A kernel distance needs at least four features of the same size each.")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(subsets):
        cancel.check()
        drawn = rng.permutation(most)[: 2 * size]
        x, y = one.rows(drawn[:size]), other.rows(drawn[size:])
        xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
        pairs = size * (size - 1)
        within = (xx.sum() - np.trace(xx) + yy.sum() - np.trace(yy)) / pairs
        found.append(float(within - 2 * xy.mean()))
    return KernelDistance(float(np.mean(found)), float(np.std(found)), subsets, size)


def _kernel(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float64]:
    product = (x @ y.T).astype(np.float64) / x.shape[1]
    return (product + 1) ** 3

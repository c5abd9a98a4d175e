"""A fixed observer: a channelised Hotelling observer with Laguerre-Gauss channels.

B. Gallas and H. Barrett, "Validating the use of channels to estimate the ideal linear observer",
JOSA A 20 (2003). It knows what it looks for and where; it learns the background from examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.evaluation.nodules import REGION
from viewer.images.radiograph import StoredPixels
from viewer.metrics.auroc import auroc
from viewer.metrics.bootstrap import interval

CHANNELS = 10

Responses = NDArray[np.float64]


def laguerre_gauss(width: float) -> NDArray[np.float64]:
    """Return the channels, orthonormal but for their being sampled.

    Parameters
    ----------
    width : float
        The Gaussian's: exp(-pi r^2 / width^2).

    Returns
    -------
    ndarray, shape (CHANNELS, REGION, REGION)
    """
    from scipy.special import eval_laguerre

    y, x = np.mgrid[:REGION, :REGION] - REGION // 2
    argument = 2 * np.pi * (x**2 + y**2) / width**2
    return np.stack(
        [
            np.sqrt(2) / width * np.exp(-argument / 2) * eval_laguerre(order, argument)
            for order in range(CHANNELS)
        ]
    )


def responses(
    pixels: StoredPixels, corners: NDArray[np.int64], channels: NDArray[np.float64]
) -> Responses:
    """Return what the channels say of each region, shape (regions, CHANNELS)."""
    flat = channels.reshape(len(channels), -1)
    cells = np.stack([pixels[r : r + REGION, c : c + REGION].ravel() for r, c in corners])
    answer: Responses = cells.astype(np.float64) @ flat.T
    return answer


def scores(
    present: Responses, absent: Responses, groups: Sequence[str], *, folds: int = 5
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score each region by a template learned from other patients.

    Parameters
    ----------
    present, absent : ndarray, shape (n, CHANNELS)
        Of the same regions with and without a nodule.
    groups : sequence of str
        Patient of each region.
    folds : int

    Returns
    -------
    present, absent : ndarray, shape (n,)
        In standard deviations, so that folds can be pooled.

    Raises
    ------
    MeasureError
        When there are fewer patients than folds, or too few regions to learn from.
    """
    names = sorted(set(groups))
    if len(names) < folds:
        raise MeasureError(f"The observer needs at least {folds} patients; there are {len(names)}.")
    place = {name: number % folds for number, name in enumerate(names)}
    fold = np.array([place[g] for g in groups])
    with_it, without = np.empty(len(fold)), np.empty(len(fold))
    for number in range(folds):
        test, train = fold == number, fold != number
        if train.sum() <= present.shape[1]:
            raise MeasureError("There are too few regions for the observer to learn from.")
        a, b = present[train], absent[train]
        spread = (np.cov(a.T) + np.cov(b.T)) / 2
        shift = a.mean(0) - b.mean(0)
        template = np.linalg.lstsq(spread, shift, rcond=1e-10)[0]
        middle = template @ (a.mean(0) + b.mean(0)) / 2
        deviation = np.sqrt(max(template @ spread @ template, 1e-30))
        with_it[test] = (present[test] @ template - middle) / deviation
        without[test] = (absent[test] @ template - middle) / deviation
    return with_it, without


@dataclass(frozen=True, slots=True)
class Detectability:
    """How well nodules are told from their absence.

    Parameters
    ----------
    area : float
        Under the ROC curve.
    interval : (float, float)
        95 %, by bootstrap over patients.
    """

    area: float
    interval: tuple[float, float]


def detectability(
    with_it: NDArray[np.float64], without: NDArray[np.float64], groups: Sequence[str]
) -> Detectability:
    """Return the area under the ROC curve of scores, and its interval."""
    return Detectability(
        _area(with_it, without, np.arange(len(with_it))),
        interval(lambda drawn: _area(with_it, without, drawn), groups),
    )


def area_difference(
    one: tuple[NDArray[np.float64], NDArray[np.float64]],
    other: tuple[NDArray[np.float64], NDArray[np.float64]],
    groups: Sequence[str],
) -> tuple[float, tuple[float, float]]:
    """Return how much larger the area of `one` is, and the interval with patients paired."""

    def difference(drawn: NDArray[np.int64]) -> float:
        return _area(*one, drawn) - _area(*other, drawn)

    return difference(np.arange(len(groups))), interval(difference, groups)


def _area(
    with_it: NDArray[np.float64], without: NDArray[np.float64], drawn: NDArray[np.int64]
) -> float:
    both = np.concatenate([with_it[drawn], without[drawn]])
    return auroc(both, np.arange(len(both)) < len(drawn))

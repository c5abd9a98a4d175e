"""Area under the receiver operating characteristic, and the separation it stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def auroc(scores: ArrayLike, positive: ArrayLike) -> float:
    """Probability that a positive scores higher than a negative; ties count half (Mann-Whitney).

    Parameters
    ----------
    scores : array_like, shape (n,)
    positive : array_like of bool, shape (n,)

    Returns
    -------
    float
        0..1; not a number where one of the two kinds is missing.
    """
    values, labels = np.asarray(scores, np.float64), np.asarray(positive, bool)
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if not positives or not negatives:
        return float("nan")
    ranks = _ranks(values)
    above = ranks[labels].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def separation(area: float) -> float:
    """Return d' of two normal distributions of equal spread with this area: sqrt(2) z(area)."""
    from scipy.special import ndtri

    return float(np.sqrt(2) * ndtri(area))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return ranks

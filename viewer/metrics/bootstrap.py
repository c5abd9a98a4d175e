"""Intervals by drawing patients anew: images of one patient say little more than one image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000


def resampled(
    groups: Sequence[str], *, draws: int = DRAWS, seed: int = 0
) -> list[NDArray[np.int64]]:
    """Return indices of the members of patients drawn with replacement, one array a draw."""
    rng = np.random.default_rng(seed)
    names = np.asarray(groups)
    members = [np.flatnonzero(names == name) for name in sorted(set(groups))]
    return [
        np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        for _ in range(draws)
    ]


def interval(
    statistic: Callable[[NDArray[np.int64]], float],
    groups: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic.

    Parameters
    ----------
    statistic : callable
        Indices of the drawn members -> a number; draws for which it is not finite are left out.
    groups : sequence of str
        Patient of each member.

    Returns
    -------
    tuple of float
        Not a number where no draw gave one.
    """
    found = [statistic(drawn) for drawn in resampled(groups, draws=draws, seed=seed)]
    finite = [value for value in found if np.isfinite(value)]
    if not finite:
        return float("nan"), float("nan")
    low, high = np.percentile(finite, [2.5, 97.5])
    return float(low), float(high)


def mean_interval(
    values: Sequence[float], groups: Sequence[str], *, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the mean."""
    array = np.asarray(values, np.float64)
    return interval(lambda drawn: float(array[drawn].mean()), groups, draws=draws, seed=seed)

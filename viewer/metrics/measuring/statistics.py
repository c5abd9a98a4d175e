"""Statistics of the values in a region, and histograms of two regions on the same bins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

MOST_BINS = 128


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of modality values.

    Parameters
    ----------
    mean, sd, minimum, maximum : float
        `sd` is that of the population: all values of the region are known.
    """

    mean: float
    sd: float
    minimum: float
    maximum: float

    @property
    def snr(self) -> float | None:
        """Mean over standard deviation; None where all values are equal."""
        return abs(self.mean) / self.sd if self.sd > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How often values occur in both pictures.

    Parameters
    ----------
    edges : ndarray, shape (bins + 1,)
        In modality units; the last bin holds its upper edge.
    original : ndarray of int64, shape (bins,)
    reconstruction : ndarray of int64, shape (bins,), or None
    """

    edges: Values
    original: NDArray[np.int64]
    reconstruction: NDArray[np.int64] | None = None


def statistics(values: Values) -> Statistics:
    """Return the statistics of at least one value."""
    mean = float(values.mean())
    # Around the mean: squares of large values would lose a small spread.
    spread = values - mean
    sd = math.sqrt(float(np.dot(spread, spread)) / values.size)
    return Statistics(mean, sd, float(values.min()), float(values.max()))


def histogram(original: Values, reconstruction: Values | None) -> Histogram:
    """Count both on common bins: whole values while there are few, else 128 even ones."""
    both = [original] if reconstruction is None else [original, reconstruction]
    low = min(float(values.min()) for values in both)
    high = max(float(values.max()) for values in both)
    whole = all(bool(np.all(values == np.rint(values))) for values in both)
    if whole and high - low < MOST_BINS:
        edges = np.arange(low, high + 2) - 0.5
    elif whole:
        # Bins as wide as a whole number of values: others would beat against the grid.
        step = math.ceil((high - low + 1) / MOST_BINS)
        count = math.ceil((high - low + 1) / step)
        edges = low - 0.5 + step * np.arange(count + 1, dtype=np.float64)
    else:
        edges = np.linspace(low, high if high > low else low + 1, MOST_BINS + 1)
    counts = [np.histogram(values, edges)[0].astype(np.int64) for values in both]
    return Histogram(edges, counts[0], counts[1] if len(counts) > 1 else None)

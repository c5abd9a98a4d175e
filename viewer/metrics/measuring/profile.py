"""Values along a line, of both pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import Header, StoredPixels
from viewer.images.voi import modality_values
from viewer.metrics.measuring.geometry import length
from viewer.metrics.measuring.scale import Scale
from viewer.metrics.measuring.shapes import Point

Values = NDArray[np.float64]

MOST_SAMPLES = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Modality values at even steps along a line.

    Parameters
    ----------
    distance : ndarray, shape (samples,)
        From the first point, in `unit`.
    unit : {"mm", "px"}
    original : ndarray, shape (samples,)
    reconstruction : ndarray, shape (samples,), or None
    """

    distance: Values
    unit: str
    original: Values
    reconstruction: Values | None = None


def profile(
    first: Point,
    second: Point,
    scale: Scale,
    header: Header,
    original: StoredPixels,
    reconstruction: StoredPixels | None,
) -> Profile:
    """Sample a line about once a pixel, between pixel centres linearly."""
    steps = math.ceil(math.hypot(second[0] - first[0], second[1] - first[1]))
    samples = min(max(steps, 1) + 1, MOST_SAMPLES)
    along = np.linspace(0.0, 1.0, samples)
    x = first[0] + (second[0] - first[0]) * along
    y = first[1] + (second[1] - first[1]) * along
    return Profile(
        along * length(first, second, scale),
        scale.unit,
        _sampled(header, original, x, y),
        None if reconstruction is None else _sampled(header, reconstruction, x, y),
    )


def _sampled(header: Header, pixels: StoredPixels, x: Values, y: Values) -> Values:
    """Interpolate modality values; beyond the outermost centres the edge goes on."""
    rows, columns = pixels.shape[:2]
    across = np.clip(x - 0.5, 0, columns - 1)
    down = np.clip(y - 0.5, 0, rows - 1)
    left, top = np.floor(across).astype(np.intp), np.floor(down).astype(np.intp)
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    u, v = across - left, down - top

    def at(row: NDArray[np.intp], column: NDArray[np.intp]) -> Values:
        values = modality_values(header.grey, pixels[row, column])
        return values.mean(axis=-1) if values.ndim > 1 else values

    upper = at(top, left) * (1 - u) + at(top, right) * u
    lower = at(bottom, left) * (1 - u) + at(bottom, right) * u
    return upper * (1 - v) + lower * v

"""Patches of 299 x 299 of a picture, at its own resolution, where a seeded grid puts them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels

SIDE = 299


def positions(rows: int, columns: int, count: int, seed: int) -> NDArray[np.int64]:
    """Return the top left corners of overlapping patches.

    A grid just fine enough, shifted by chance, of which so many as asked for are drawn: they cover
    the picture evenly, and one seed gives one answer.

    Returns
    -------
    ndarray, shape (count, 2)
        Row and column.

    Raises
    ------
    MeasureError
        When the picture is too small for as many different patches.
    """
    high, wide = rows - SIDE + 1, columns - SIDE + 1
    if min(high, wide) < 1 or high * wide < count:
        raise MeasureError(
            f"A picture of {columns} x {rows} has no {count} different patches of {SIDE} x {SIDE}."
        )
    rng = np.random.default_rng(seed)
    step = max(1, math.isqrt(high * wide // count))
    while (-(-high // step)) * (-(-wide // step)) < count:
        step -= 1
    tops = _grid(high, step, rng)
    lefts = _grid(wide, step, rng)
    corners = np.stack(np.meshgrid(tops, lefts, indexing="ij"), -1).reshape(-1, 2)
    chosen = rng.permutation(len(corners))[:count]
    return corners[np.sort(chosen)]


def _grid(length: int, step: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``ceil(length / step)`` places of 0 .. length - 1, `step` apart, shifted within the rest."""
    number = -(-length // step)
    slack = length - 1 - (number - 1) * step
    return int(rng.integers(0, slack + 1)) + step * np.arange(number, dtype=np.int64)


def cut(picture: NDArray[np.uint8], corners: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the patches, shape (n, 299, 299)."""
    return np.stack([picture[r : r + SIDE, c : c + SIDE] for r, c in corners])


def in_eight_bits(
    pixels: StoredPixels, original: StoredPixels, pixel_format: PixelFormat
) -> NDArray[np.uint8]:
    """Return a picture, or its reconstruction, as the network takes it.

    Eight stored bits stay as they are. Deeper ones are mapped linearly, the original's lowest
    value to 0 and its highest to 255, the same for both.
    """
    if pixel_format.bits_stored <= 8 and not pixel_format.signed:
        return (pixels.astype(np.float64) * (255 / pixel_format.peak)).round().astype(np.uint8)
    low, high = int(original.min()), int(original.max())
    scaled = (pixels.astype(np.float64) - low) * (255 / max(high - low, 1))
    return np.clip(scaled.round(), 0, 255).astype(np.uint8)

"""What a codec may meet beside clean radiographs: noise, blocks, swirl, blur, contrast.

The kinds are those of Kwon et al. (2020), figure 3; the strengths are this program's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels

Plane = NDArray[np.float64]

STRENGTHS: dict[str, tuple[float, float, float]] = {
    "noise": (0.02, 0.05, 0.10),
    "blocks": (8, 24, 64),
    "swirl": (0.5, 1.5, 4.0),
    "blur": (1.0, 2.5, 6.0),
}
"""Kind -> strengths that evaluations use: standard deviation as a part of the range; how many
squares; radians at the centre; standard deviation in pixels a thousand pixels of the smaller
side."""

UNITS = {
    "noise": "of range",
    "pepper": "of pixels",
    "blocks": "squares",
    "swirl": "rad",
    "blur": "px/1000",
    "gamma": "",
}


def perturb(
    pixels: StoredPixels, pixel_format: PixelFormat, kind: str, strength: float, seed: int = 0
) -> StoredPixels:
    """Return a perturbed copy, same shape and type, within the original's lowest and highest value.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    kind : {"noise", "pepper", "blocks", "swirl", "blur", "gamma"}
    strength : float
        As in `STRENGTHS`; of "pepper" the part of the pixels that turn the lowest or the highest
        value, of "gamma" the exponent over the range of values.

    Raises
    ------
    KeyError
        When there is no such kind.
    """
    low, high = float(pixels.min()), float(pixels.max())
    rng = np.random.default_rng(seed)
    changed = _KINDS[kind](pixels.astype(np.float64), strength, high - low, rng)
    lowest, highest = pixel_format.minimum, pixel_format.minimum + pixel_format.peak
    limited = np.clip(np.rint(changed), max(low, lowest), min(high, highest))
    result: StoredPixels = limited.astype(pixels.dtype)
    return result


def _noise(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    return plane + rng.normal(0, strength * span, plane.shape)


def _pepper(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    """Salt and pepper: half of the pixels hit turn dark, half bright."""
    drawn = rng.random(plane.shape)
    changed, low = plane.copy(), plane.min()
    changed[drawn < strength / 2] = low
    changed[drawn > 1 - strength / 2] = low + span
    return changed


def _gamma(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    if span == 0:
        return plane
    low = plane.min()
    bent: Plane = low + span * ((plane - low) / span) ** strength
    return bent


def _blocks(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    """Squares of a twentieth of the smaller side, dark and bright in turn."""
    side = max(1, min(plane.shape) // 20)
    changed, low = plane.copy(), plane.min()
    for number in range(int(strength)):
        top = int(rng.integers(0, plane.shape[0] - side + 1))
        left = int(rng.integers(0, plane.shape[1] - side + 1))
        changed[top : top + side, left : left + side] = low + (number % 2) * span
    return changed


def _swirl(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    """Turned about the middle by an angle that decays with the distance, bilinear."""
    from scipy.ndimage import map_coordinates

    rows, columns = plane.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    y -= (rows - 1) / 2
    x -= (columns - 1) / 2
    angle = strength * np.exp(-np.hypot(x, y) / (min(rows, columns) / 4))
    cosine, sine = np.cos(angle), np.sin(angle)
    source = [y * cosine - x * sine + (rows - 1) / 2, y * sine + x * cosine + (columns - 1) / 2]
    turned: Plane = map_coordinates(plane, source, order=1, mode="nearest")
    return turned


def _blur(plane: Plane, strength: float, span: float, rng: np.random.Generator) -> Plane:
    from scipy.ndimage import gaussian_filter

    blurred: Plane = gaussian_filter(plane, strength * min(plane.shape) / 1000, mode="nearest")
    return blurred


_KINDS: dict[str, Callable[[Plane, float, float, Any], Plane]] = {
    "noise": _noise,
    "pepper": _pepper,
    "gamma": _gamma,
    "blocks": _blocks,
    "swirl": _swirl,
    "blur": _blur,
}

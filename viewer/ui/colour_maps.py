"""Colour maps of differences and local maps, even in lightness, made in the OKLab space.

Zero is dark, as the room is: what is equal stays quiet, what differs glows. Signed maps rise in
lightness by the same steps on both sides, blue below and orange above. What lies beyond the end
of a scale has a colour that no scale has.
Source of the space: B. Ottosson, "A perceptual color space for image processing", 2020.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]
"""Shape (256, 3), sRGB."""

_DARKEST, _LIGHTEST = 0.24, 0.90
_BLUE, _ORANGE = 245.0, 62.0

BEYOND = (255, 64, 200)
"""Magenta: above the end of the scale (entry 255)."""
BELOW = (64, 224, 112)
"""Green: below the lower end of a signed scale (entries 0 and 1)."""


@cache
def signed_map() -> Colours:
    """Return the diverging map: 128 is no difference, 2 and 254 its ends, 1 and 255 beyond."""
    along = np.abs(np.arange(256) - 128) / 126
    hue = np.where(np.arange(256) < 128, _BLUE, _ORANGE)
    return _marked(_oklab(along.clip(0, 1), hue, strongest=0.115), below=True)


@cache
def absolute_map() -> Colours:
    """Return the one-sided map in grey: entry 0 is no difference, 254 its end, 255 beyond."""
    along = np.arange(256).clip(0, 254) / 254
    return _marked(_oklab(along, np.zeros(256), strongest=0.0, lightest=1.0))


@cache
def heat_map() -> Colours:
    """Return the one-sided map in colour, violet to yellow: 0 is alike, 254 its end, 255 beyond."""
    along = np.arange(256).clip(0, 254) / 254
    return _marked(_oklab(along, 300 + 165 * along, strongest=0.12))


def _marked(colours: Colours, *, below: bool = False) -> Colours:
    colours[255] = BEYOND
    if below:
        colours[:2] = BELOW
    return colours


def _oklab(
    along: NDArray[np.float64],
    hue_degrees: NDArray[np.float64],
    strongest: float,
    lightest: float = _LIGHTEST,
) -> Colours:
    lightness = _DARKEST + (lightest - _DARKEST) * along
    # No colour at the dark middle, and less of it again at the light ends, where sRGB has no room.
    chroma = strongest * np.clip(along * 4, 0, 1) * (1 - 0.55 * np.clip(along * 2.5 - 1.5, 0, 1))
    hue = np.radians(hue_degrees)
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ),
        axis=1,
    ).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(encoded * 255).astype(np.uint8)

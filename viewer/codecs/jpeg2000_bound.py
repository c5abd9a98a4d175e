"""JPEG 2000 with no pixel off by more than a bound: a level found by trying and measuring."""

from __future__ import annotations

import math

from viewer.codecs import openjpeg
from viewer.codecs.jpeg2000_picture import Picture

TRIALS = 5
"""Encodings before the search is content with what it has; a preview makes fewer."""

_PREVIEW_TRIALS = 3
_FINEST = 0.3
"""dB between levels below which trying more changes the size by little."""

_TAIL = 4.5
"""Largest error of a picture of a megapixel, in standard deviations of the error, about."""


def bounded(picture: Picture, bound: int) -> tuple[bytes, str]:
    """Return a bitstream whose every pixel is within `bound` of the picture's, and a notice.

    Parameters
    ----------
    picture : Picture
    bound : int
        0 for exact pixels.
    """
    exact = picture.encode(math.inf, reversible=True)
    if not bound:
        return exact, ""
    best = exact
    bits = picture.pixel_format.bits_stored
    low, high = openjpeg.LOWEST_LEVEL, openjpeg.saturation_level(bits) + 6
    level = min(20 * math.log10(picture.pixel_format.peak * _TAIL / (bound + 0.5)), high)
    for _ in range(_PREVIEW_TRIALS if picture.preview else TRIALS):
        data = picture.encode(level, reversible=False)
        error = picture.max_error(data)
        if error <= bound:
            best = min(best, data, key=len)
            high = level
        else:
            low = level
        if high - low < _FINEST:
            break
        # The error halves every 6 dB; the bound is met from a little below it on.
        guess = level + 20 * math.log10((error + 0.5) / (bound + 0.25))
        inside = low + 0.1 < guess < high - 0.1
        level = guess if inside else (low + high) / 2
    if best is exact:
        return exact, f"Coded without loss: {bound} levels take no less."
    return best, ""

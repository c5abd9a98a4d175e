"""What a difference shows: errors above and below, none of them hidden by zooming out.

Averaging a difference would make noise vanish from a picture that is zoomed out, and show less
loss than there is. Here a screen pixel takes the strongest error below it. No Qt here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from viewer.images.radiograph import StoredPixels
from viewer.metrics.errors import difference
from viewer.progress import NEVER, CancelToken
from viewer.ui.geometry import Geometry
from viewer.ui.strongest import StrongestPyramid

Errors = NDArray[np.uint16]

SEEN_PERCENTILE = 99.9
"""The share of errors, in percent, that lies within the colours at the first gain."""
WHOLE = 65535
"""What a relative error of 100 % is held as."""
LEAST_PART = 0.01
"""Values below this part of the range count as this part: noise on black is no relative error."""

_SAMPLED = 1_000_000
_STRIP_ROWS = 256


class DifferenceMap:
    """Errors of a reconstruction, ready to be shown at any zoom.

    Parameters
    ----------
    higher, lower : ndarray of uint16, shape (rows, columns)
        How far values lie above and below the reference.
    peak : int
        What gain 1 maps to the end of the colours.

    Attributes
    ----------
    largest : int
        Largest absolute error.
    identical : bool
        Whether no value differs.
    seen : int
        The 99.9th percentile of absolute errors; `largest` where that is 0.
    """

    def __init__(self, higher: Errors, lower: Errors, peak: int) -> None:
        self.peak = peak
        self.largest = max(int(higher.max(initial=0)), int(lower.max(initial=0)))
        self.identical = self.largest == 0
        self._pyramid = StrongestPyramid(higher, lower)
        self.seen = _percentile(higher, lower) or self.largest

    @property
    def planes(self) -> tuple[Errors, ...]:
        """How far each pixel lies above and below."""
        return self._pyramid.planes

    @property
    def first_gain(self) -> int:
        """The largest power of two that keeps the 99.9th percentile of errors within range."""
        if self.seen == 0:
            return 1
        return 1 << max(0, math.floor(math.log2(self.peak / self.seen)))

    def indices(
        self, geometry: Geometry, above: NDArray[np.uint8], below: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """Return the visible part through tables of 65536 entries for errors up and down."""
        higher, lower = self._pyramid.visible(geometry)
        return np.where(higher >= lower, above.take(higher), below.take(lower))

    def visible(self, geometry: Geometry) -> NDArray[np.int32]:
        """Return the strongest signed error below each visible device pixel."""
        higher, lower = self._pyramid.visible(geometry)
        return np.where(higher >= lower, higher.astype(np.int32), -lower.astype(np.int32))


def coloured(
    errors: NDArray[np.int32] | NDArray[np.float32], peak: float, gain: float, signed: bool
) -> NDArray[np.uint8]:
    """Return the index of each error in a colour map of 256 entries.

    Signed: 128 is no error, 2 and 254 are -peak/gain and +peak/gain, 1 and 255 what lies beyond;
    absolute: 0 is no error, 254 is peak/gain, 255 what lies beyond.
    """
    scaled = errors * (np.float32(gain) / np.float32(peak))
    half = 126 if signed else 254
    if not signed:
        np.abs(scaled, out=scaled)
    scaled *= half
    # What is beyond by any amount is marked, not only from the next half step on.
    beyond = np.float32(half) * (1 + np.float32(1e-6))
    index = np.rint(scaled)
    index[scaled > beyond] = half + 1
    if signed:
        index[scaled < -beyond] = -half - 1
        index += 128
    return index.clip(0, 255).astype(np.uint8)


def value_parts(reference: StoredPixels, changed: StoredPixels) -> tuple[Errors, Errors]:
    """Return how far values lie above and below the reference, the strongest of the samples."""
    if reference.dtype == changed.dtype and reference.dtype.type in (np.uint8, np.uint16):
        import cv2

        # OpenCV's subtraction stops at 0 for unsigned types, which is the part wanted.
        higher = cv2.subtract(changed, reference).astype(np.uint16, copy=False)
        lower = cv2.subtract(reference, changed).astype(np.uint16, copy=False)
    else:
        signed = difference(reference, changed)
        higher = np.clip(signed, 0, 65535).astype(np.uint16)
        lower = np.clip(-signed, 0, 65535).astype(np.uint16)
    if higher.ndim == 3:
        return higher.max(axis=2), lower.max(axis=2)
    return higher, lower


def relative_parts(
    reference: StoredPixels,
    changed: StoredPixels,
    lowest: int,
    peak: int,
    *,
    cancel: CancelToken = NEVER,
) -> tuple[Errors, Errors]:
    """Return errors divided by the value above `lowest`, `WHOLE` being 100 % and more.

    Parameters
    ----------
    lowest : int
        The lowest value that can be stored: 0 unless signed.
    peak : int
        2^BitsStored - 1. Values below `LEAST_PART` of it count as that much.
    """
    higher, lower = value_parts(reference, changed)
    least = np.float32(max(1.0, LEAST_PART * peak))
    for top in range(0, len(higher), _STRIP_ROWS):
        cancel.check()
        strip = slice(top, top + _STRIP_ROWS)
        value = reference[strip].astype(np.float32) - np.float32(lowest)
        if value.ndim == 3:
            value = value.min(axis=2)
        factor = np.float32(WHOLE) / np.maximum(value, least)
        for part in (higher, lower):
            part[strip] = np.minimum(np.rint(part[strip] * factor), WHOLE)
    return higher, lower


def _percentile(higher: Errors, lower: Errors) -> int:
    """Return the percentile of absolute errors, of a million of them where there are more."""
    step = max(1, math.ceil(math.sqrt(higher.size / _SAMPLED)))
    sizes = np.maximum(higher[::step, ::step], lower[::step, ::step])
    total = np.cumsum(np.bincount(sizes.ravel(), minlength=1))
    return int(np.searchsorted(total, total[-1] * SEEN_PERCENTILE / 100))

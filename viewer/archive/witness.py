"""A few decoded values kept aside, to tell small differences between devices from damage.

Codecs that are not normative may decode to slightly other pixels on another device. Their hash
then differs, but says nothing of how much; these samples do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ArchiveError
from viewer.images.radiograph import Header, StoredPixels

SIDE = 32
"""Rows and columns of the sampling grid, spread evenly from corner to corner."""


def sample(pixels: StoredPixels) -> bytes:
    """Return the values on the grid, little-endian in the type of `pixels`, row by row."""
    picked = _pick(pixels)
    return picked.astype(picked.dtype.newbyteorder("<")).tobytes()


def agreement(kept: bytes, pixels: StoredPixels, peak: int) -> float:
    """Return the PSNR in dB of `pixels` against the samples kept; infinite when the same.

    Raises
    ------
    ArchiveError
        When the samples do not fit the geometry.
    """
    now = _pick(pixels)
    if len(kept) != now.nbytes:
        raise ArchiveError("The kept samples of a frame do not fit its geometry.")
    before = np.frombuffer(kept, now.dtype.newbyteorder("<")).reshape(now.shape)
    error = np.mean((before.astype(np.float64) - now.astype(np.float64)) ** 2)
    return math.inf if error == 0 else float(10 * np.log10(peak**2 / error))


def allowed_psnr(saved_psnr: float) -> float:
    """Return the least agreement, in dB, that is a difference of devices and not damage.

    The device's error must stay ten times (10 dB) below the loss of the coding itself, or below
    that of rounding where the coding was exact.
    """
    return min(saved_psnr + 10.0, 90.0)


def witness_bytes(header: Header, itemsize: int) -> int:
    """Return how many bytes the samples of a frame have."""
    return min(header.rows, SIDE) * min(header.columns, SIDE) * header.samples * itemsize


def _pick(pixels: StoredPixels) -> NDArray[Any]:
    rows = np.linspace(0, pixels.shape[0] - 1, min(pixels.shape[0], SIDE)).round().astype(int)
    columns = np.linspace(0, pixels.shape[1] - 1, min(pixels.shape[1], SIDE)).round().astype(int)
    return pixels[np.ix_(rows, columns)]

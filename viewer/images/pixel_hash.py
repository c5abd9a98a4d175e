"""One hash of an image's stored values, the same however the file was compressed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from viewer.images.radiograph import Radiograph, StoredPixels


class PixelHash:
    """The hash of `pixel_sha256`, taken frame by frame."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, frame: Radiograph | StoredPixels) -> None:
        """Take in the next frame."""
        pixels = frame.pixels if isinstance(frame, Radiograph) else frame
        little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
        self._digest.update(little.data)

    def hexdigest(self) -> str:
        """Return the SHA-256 of all frames so far."""
        return self._digest.hexdigest()


def pixel_sha256(frames: Iterable[Radiograph | StoredPixels]) -> str:
    """Hash the stored values of all frames in order.

    Parameters
    ----------
    frames : iterable of Radiograph or ndarray
        Masked to BitsStored and sign-extended, in the type `viewer.images.stored.stored_dtype`
        gives: what `read_frames` yields.

    Returns
    -------
    str
        SHA-256 in hexadecimal of the values in little-endian, C order; colour is
        rows x columns x samples.
    """
    digest = PixelHash()
    for frame in frames:
        digest.update(frame)
    return digest.hexdigest()

"""Differences between two pictures of stored values: their sum, their peak, their map."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.images.radiograph import StoredPixels

_STRIP = 1 << 20
"""Samples worked on at once where numpy has to widen them: eight MiB a temporary."""


def check_pair(original: StoredPixels, reconstruction: StoredPixels) -> None:
    """Refuse two arrays that are not pictures of the same pixels.

    Raises
    ------
    MeasureError
        When shapes differ, are not (rows, columns) or (rows, columns, 3), are empty, or when the
        values are not integers.
    """
    if original.shape != reconstruction.shape:
        raise MeasureError(
            f"Pictures of {_size(original)} and {_size(reconstruction)} cannot be compared."
        )
    if original.ndim not in (2, 3) or original.size == 0:
        raise MeasureError(f"An array of shape {original.shape} is not a picture to measure.")
    for pixels in (original, reconstruction):
        if pixels.dtype.kind not in "iu":
            raise MeasureError(f"Stored values are integers; {pixels.dtype} cannot be measured.")


def mean_squared_error(original: StoredPixels, reconstruction: StoredPixels) -> float:
    """Mean of the squared differences of all samples.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values of any integer type, signed or not.

    Returns
    -------
    float
        In squared grey levels, >= 0; 0 exactly when the two are equal.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    """
    check_pair(original, reconstruction)
    total = 0.0
    for first, second in _strips(original, reconstruction):
        if _opencv_takes(first, second):
            import cv2

            total += cv2.norm(first, second, cv2.NORM_L2SQR)
        else:
            delta = first.astype(np.float64) - second.astype(np.float64)
            total += float(np.dot(delta.ravel(), delta.ravel()))
    return total / original.size


def maximum_error(original: StoredPixels, reconstruction: StoredPixels) -> int:
    """Largest absolute difference of a sample, in grey levels.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    """
    check_pair(original, reconstruction)
    largest = 0
    for first, second in _strips(original, reconstruction):
        if _opencv_takes(first, second):
            import cv2

            here = int(cv2.norm(first, second, cv2.NORM_INF))
        else:
            here = int(np.abs(first.astype(np.int64) - second.astype(np.int64)).max())
        largest = max(largest, here)
    return largest


def psnr(original: StoredPixels, reconstruction: StoredPixels, peak: int) -> float:
    """Peak signal-to-noise ratio over all samples.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
    peak : int
        2^BitsStored - 1, whatever the array type.

    Returns
    -------
    float
        10 log10(peak^2 / MSE) in dB; infinite when the two are equal.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    """
    return psnr_of(mean_squared_error(original, reconstruction), peak)


def psnr_of(mse: float, peak: int) -> float:
    """Return the PSNR in dB of a mean squared error; infinite for 0."""
    if mse <= 0:
        return math.inf
    return 20 * math.log10(peak) - 10 * math.log10(mse)


def difference(original: StoredPixels, reconstruction: StoredPixels) -> NDArray[np.int32]:
    """Reconstruction minus original, sample by sample.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)

    Returns
    -------
    ndarray of int32, same shape
        Positive where the reconstruction is higher. Exact up to 31 bits; what 32-bit data may
        have beyond is clipped to the limits of int32.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    """
    check_pair(original, reconstruction)
    if original.dtype.itemsize <= 2 and reconstruction.dtype.itemsize <= 2:
        return np.subtract(reconstruction, original, dtype=np.int32)
    wide = np.subtract(reconstruction, original, dtype=np.int64)
    limits = np.iinfo(np.int32)
    return np.clip(wide, limits.min, limits.max).astype(np.int32)


def _size(pixels: StoredPixels) -> str:
    return " x ".join(map(str, pixels.shape))


def _opencv_takes(first: StoredPixels, second: StoredPixels) -> bool:
    """Whether OpenCV sums these exactly: one narrow type, whose squares a double holds."""
    return first.dtype == second.dtype and first.dtype.type in (np.uint8, np.uint16)


def _strips(
    original: StoredPixels, reconstruction: StoredPixels
) -> Iterator[tuple[StoredPixels, StoredPixels]]:
    """Give both as pairs of flat strips, so that temporaries stay small."""
    first = np.ascontiguousarray(original).reshape(-1)
    second = np.ascontiguousarray(reconstruction).reshape(-1)
    for start in range(0, first.size, _STRIP):
        strip = slice(start, start + _STRIP)
        if first.dtype == second.dtype == np.int16:
            # Both shifted by 32768, which leaves their differences.
            yield _lifted(first[strip]), _lifted(second[strip])
        else:
            yield first[strip], second[strip]


def _lifted(strip: StoredPixels) -> StoredPixels:
    return strip.view(np.uint16) ^ np.uint16(0x8000)

"""Structural similarity: SSIM, its map, and MS-SSIM.

Sources: Z. Wang et al., "Image quality assessment: from error visibility to structural
similarity", IEEE TIP 13 (2004); Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multi-scale structural
similarity for image quality assessment", Asilomar 2003.

Both pictures are held as their sum and their difference. With d = x - y and s = x + y,

    2 cov(x, y) = var(x) + var(y) - var(d)    and    var(x) + var(y) = (var(s) + var(d)) / 2,

so the structure term is 1 - var(d) / (var(x) + var(y) + C2): four filterings instead of five,
and what is lost to rounding in float32 is a part of the *difference* of the pictures, not of
their level. Values are centred and scaled to -1/2..1/2 first, so that the precision is the same
at every bit depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.metrics.errors import check_pair
from viewer.metrics.strips import in_strips
from viewer.progress import NEVER, CancelToken

Plane = NDArray[np.float32]

TAPS = 11
SIGMA = 1.5
_BORDER = TAPS // 2
_C1 = 0.01**2
_C2 = 0.03**2

SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents of the five scales, finest first (Wang et al. 2003, section 3.2)."""

SMALLEST_FOR_MS_SSIM = TAPS << (len(SCALE_WEIGHTS) - 1)
"""176: the smaller side that leaves eleven pixels at the fifth scale."""


def ssim(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    cancel: CancelToken = NEVER,
) -> float | None:
    """Structural similarity with an 11-tap Gaussian window of sigma 1.5.

    K1 = 0.01, K2 = 0.03, population covariance, data range 2^BitsStored - 1, mean over the pixels
    whose window lies inside the picture and over the channels.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
        Stored values; signed ones are shifted to 0..peak.
    pixel_format : PixelFormat

    Returns
    -------
    float or None
        -1..1, 1 for identical pictures; None where the smaller side is below 11.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    check_pair(original, reconstruction)
    if min(original.shape[:2]) < TAPS:
        return None
    values = [
        _means(total, delta, cancel)[0]
        for total, delta in _channels(original, reconstruction, pixel_format)
    ]
    return float(np.mean(values))


def ms_ssim(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    cancel: CancelToken = NEVER,
) -> float | None:
    """Multi-scale SSIM over five scales.

    Each scale halves the picture by the mean of two by two pixels (the last row and column are
    repeated where the size is odd). The luminance term counts at the coarsest scale alone. A
    structure term whose mean is negative counts as 0.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
    pixel_format : PixelFormat

    Returns
    -------
    float or None
        0..1, mean over the channels; None where the smaller side is below 176.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    return ssim_and_ms_ssim(original, reconstruction, pixel_format, cancel=cancel)[1]


def ssim_and_ms_ssim(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    cancel: CancelToken = NEVER,
) -> tuple[float | None, float | None]:
    """Return both; the finest scale of MS-SSIM is computed once for the two of them.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    check_pair(original, reconstruction)
    smaller = min(original.shape[:2])
    if smaller < TAPS:
        return None, None
    scales = len(SCALE_WEIGHTS) if smaller >= SMALLEST_FOR_MS_SSIM else 1
    single: list[float] = []
    multiple: list[float] = []
    for total, delta in _channels(original, reconstruction, pixel_format):
        structures: list[float] = []
        for scale in range(scales):
            if scale:
                total, delta = _halve(total), _halve(delta)
            both, structure = _means(total, delta, cancel)
            if scale == 0:
                single.append(both)
            structures.append(both if scale == scales - 1 else structure)
        multiple.append(
            float(
                np.prod([max(s, 0.0) ** w for s, w in zip(structures, SCALE_WEIGHTS, strict=False)])
            )
        )
    return float(np.mean(single)), float(np.mean(multiple)) if scales > 1 else None


def ssim_map(
    original: StoredPixels,
    reconstruction: StoredPixels,
    pixel_format: PixelFormat,
    *,
    cancel: CancelToken = NEVER,
) -> Plane:
    """SSIM of the window around each pixel.

    Parameters
    ----------
    original, reconstruction : ndarray, shape (rows, columns) or (rows, columns, 3)
    pixel_format : PixelFormat

    Returns
    -------
    ndarray of float32, shape (rows, columns) or (rows, columns, 3)
        -1..1. Windows that reach over the edge see the picture mirrored there.

    Raises
    ------
    MeasureError
        When the two are not pictures of the same shape.
    Cancelled
    """
    check_pair(original, reconstruction)
    picture = np.empty(original.shape, dtype=np.float32)
    planes = picture.reshape(*original.shape[:2], -1)
    for channel, (total, delta) in enumerate(_channels(original, reconstruction, pixel_format)):

        def fill(
            strip: slice, channel: int = channel, total: Plane = total, delta: Plane = delta
        ) -> None:
            planes[strip, :, channel] = _terms(total, delta, strip)[0]

        in_strips(original.shape[0], fill, cancel)
    return picture


def _channels(
    original: StoredPixels, reconstruction: StoredPixels, pixel_format: PixelFormat
) -> Iterator[tuple[Plane, Plane]]:
    """Give (x + y, x - y) of each channel, x and y centred and scaled to -1/2..1/2."""
    # Up to 16 bits the sum and the difference are whole numbers that float32 holds exactly.
    narrow = original.dtype.itemsize <= 2 and reconstruction.dtype.itemsize <= 2
    work = np.float32 if narrow else np.float64
    twice_middle = work(2 * pixel_format.minimum + pixel_format.peak)
    scale = work(1 / pixel_format.peak)
    rows, columns = original.shape[:2]
    for channel in range(1 if original.ndim == 2 else original.shape[2]):
        index = ... if original.ndim == 2 else (..., channel)
        total = np.empty((rows, columns), dtype=np.float32)
        delta = np.empty((rows, columns), dtype=np.float32)

        def fill(
            strip: slice, index: Any = index, total: Plane = total, delta: Plane = delta
        ) -> None:
            first = original[strip][index].astype(work)
            second = reconstruction[strip][index].astype(work)
            np.multiply(first - second, scale, out=delta[strip], casting="same_kind")
            first += second
            first -= twice_middle
            np.multiply(first, scale, out=total[strip], casting="same_kind")

        in_strips(rows, fill, NEVER)
        yield total, delta


def _halve(plane: Plane) -> Plane:
    """Mean of two by two pixels; an odd last row or column is repeated."""
    import cv2

    rows, columns = plane.shape
    if rows % 2 or columns % 2:
        plane = cv2.copyMakeBorder(plane, 0, rows % 2, 0, columns % 2, cv2.BORDER_REPLICATE)
    half = (plane.shape[1] // 2, plane.shape[0] // 2)
    return cv2.resize(plane, half, interpolation=cv2.INTER_AREA)


def _means(total: Plane, delta: Plane, cancel: CancelToken) -> tuple[float, float]:
    """Mean SSIM and mean structure term of the windows that lie inside the picture."""
    rows, columns = total.shape
    inside = slice(_BORDER, columns - _BORDER)
    sums: dict[int, tuple[float, float]] = {}

    def measure(strip: slice) -> None:
        both, structure = _terms(total, delta, strip)
        # The last strip may lie in the border altogether.
        bottom = max(min(rows - _BORDER - strip.start, len(both)), 0)
        kept = slice(max(_BORDER - strip.start, 0), bottom)
        sums[strip.start] = (
            float(both[kept, inside].sum(dtype=np.float64)),
            float(structure[kept, inside].sum(dtype=np.float64)),
        )

    in_strips(rows, measure, cancel)
    count = (rows - 2 * _BORDER) * (columns - 2 * _BORDER)
    # Added in the order of the rows, whichever thread was first: the same figure every time.
    parts = [sums[start] for start in sorted(sums)]
    return sum(part[0] for part in parts) / count, sum(part[1] for part in parts) / count


def _terms(total: Plane, delta: Plane, strip: slice) -> tuple[Plane, Plane]:
    """SSIM and its structure term (contrast times correlation) for the rows of a strip."""
    above = min(_BORDER, strip.start)
    around = slice(strip.start - above, min(strip.stop + _BORDER, total.shape[0]))
    here = slice(above, above + strip.stop - strip.start)
    s, d = total[around], delta[around]
    mean_s, mean_d = _blur(s)[here], _blur(d)[here]
    square_s, square_d = mean_s * mean_s, mean_d * mean_d
    variance_s = _blur(s * s)[here] - square_s
    variance_d = _blur(d * d)[here] - square_d
    variance_s += variance_d
    variance_s *= np.float32(0.5)
    variance_s += np.float32(_C2)
    structure: Plane = np.subtract(1, variance_d / variance_s, dtype=np.float32)
    # The means of the values in 0..1: the centring is undone.
    mean_s += 1
    np.multiply(mean_s, mean_s, out=square_s)
    square_s += square_d
    square_s *= np.float32(0.5)
    square_s += np.float32(_C1)
    luminance: Plane = np.subtract(1, square_d / square_s, dtype=np.float32)
    luminance *= structure
    return luminance, structure


def _blur(plane: Plane) -> Plane:
    import cv2

    kernel = _kernel()
    return cv2.sepFilter2D(plane, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT)


@cache
def _kernel() -> Plane:
    offsets = np.arange(-_BORDER, _BORDER + 1)
    weights = np.exp(-0.5 * (offsets / SIGMA) ** 2)
    return (weights / weights.sum()).astype(np.float32)

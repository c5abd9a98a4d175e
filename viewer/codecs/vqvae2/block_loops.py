"""What the restoration filter sees of a picture, and what becomes of its answer, compiled."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def _block_means(picture, means):  # type: ignore[no-untyped-def]
    """Rounded means of 4x4 blocks."""
    for i in range(means.shape[0]):
        for j in range(means.shape[1]):
            total = 0.0
            for k in range(16):
                total += picture[4 * i + k // 4, 4 * j + k % 4]
            means[i, j] = np.floor(total * (1 / 16) + 0.5)


@compiled
def _take(picture, means, i, k, out):  # type: ignore[no-untyped-def]
    """What feature ``k`` of row ``i`` of the blocks looks at beside their means."""
    rows, columns = means.shape
    if k < 16:
        for j in range(columns):
            out[j] = picture[4 * i + k // 4, 4 * j + k % 4]
    elif k == 16:
        for j in range(columns):
            out[j] = means[i, min(j + 1, columns - 1)]
    elif k == 17:
        for j in range(columns):
            out[j] = means[i, max(j - 1, 0)]
    else:
        row = min(i + 1, rows - 1) if k == 18 else max(i - 1, 0)
        for j in range(columns):
            out[j] = means[row, j]


@compiled
def features(picture, factor, scale, limit, above, below):  # type: ignore[no-untyped-def]
    """Values of each 4x4 block about its mean, and the means around, in sixteenths.

    Parameters
    ----------
    picture : ndarray of float64, shape (4 h, 4 w)
    factor, scale : float
        Differences are multiplied by the one, then by the other.
    limit : int
    above, below : ndarray of uint8, shape (20, h, w)
        Filled: the 16 pixels, then the means to the right, left, below and above (edges
        repeated), less the block's mean; above and below zero.
    """
    means = np.empty((picture.shape[0] // 4, picture.shape[1] // 4))
    _block_means(picture, means)
    taken, bound = np.empty(means.shape[1]), float(limit)
    for i in range(means.shape[0]):
        # Four lines of the picture stay in the nearest cache.
        for k in range(20):
            _take(picture, means, i, k, taken)
            for j in range(taken.size):
                change = np.floor((taken[j] - means[i, j]) * factor * scale + 0.5)
                change = min(max(change, -bound), bound)
                above[k, i, j] = np.uint8(np.int32(max(change, 0.0)))
                below[k, i, j] = np.uint8(np.int32(max(-change, 0.0)))


@compiled
def signed_features(picture, factor, scale, limit, middle, out):  # type: ignore[no-untyped-def]
    """`features` in one byte, more by ``middle``; says whether none is larger than ``limit``."""
    means = np.empty((picture.shape[0] // 4, picture.shape[1] // 4))
    _block_means(picture, means)
    taken, largest = np.empty(means.shape[1]), np.zeros(means.shape[1])
    bound = float(limit)
    for i in range(means.shape[0]):
        for k in range(20):
            _take(picture, means, i, k, taken)
            for j in range(taken.size):
                change = np.floor((taken[j] - means[i, j]) * factor * scale + 0.5)
                largest[j] = max(largest[j], abs(change))
                change = min(max(change, -bound), bound)
                out[k, i, j] = np.uint8(np.int32(change + middle))
    return largest.max() <= bound


@compiled
def spread(found, limit, out):  # type: ignore[no-untyped-def]
    """Corrections of blocks, (16, h, w) in any order of memory, clamped, to (4 h, 4 w)."""
    for i in range(found.shape[1]):
        for j in range(found.shape[2]):
            for k in range(16):
                out[4 * i + k // 4, 4 * j + k % 4] = min(max(found[k, i, j], -limit), limit)


@compiled
def add(part, correction, factor):  # type: ignore[no-untyped-def]
    """Add the rounded correction to a part of a picture, in place."""
    for i in range(part.shape[0]):
        for j in range(part.shape[1]):
            part[i, j] += np.floor(np.float64(correction[i, j]) * factor + 0.5)


@compiled
def to_stored(part, bits, low, high, out):  # type: ignore[no-untyped-def]
    """Round values in ``2**-bits`` to stored ones between ``low`` and ``high``."""
    scale, least, most = 2.0**-bits, float(low), float(high)
    for i in range(part.shape[0]):
        for j in range(part.shape[1]):
            # A value of exactly half rounds up, as everywhere here; bounds are whole numbers.
            value = np.floor(min(max(part[i, j] * scale, least), most) + 0.5)
            out[i, j] = np.int32(value)

"""What the networks see, compiled: companded planes, window sums, slopes."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def signs(codes, companded, limit, above, below, sizes):  # type: ignore[no-untyped-def]
    """Codes, (h, w), companded where above and where below zero, and their sizes up to a limit.

    ``companded`` is, in int32, what becomes of 0, 1, ...; larger codes become what its last is.
    """
    last, most, zero = np.int32(companded.size - 1), np.int32(limit), np.int32(0)
    for i in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            code = np.int32(codes[i, j])
            size = abs(code)
            value = companded[np.uint32(min(size, last))]
            sizes[i, j] = np.uint8(min(size, most))
            above[i, j] = np.uint8(value if code > zero else zero)
            below[i, j] = np.uint8(value if code < zero else zero)


@compiled
def accumulate(sizes, sums):  # type: ignore[no-untyped-def]
    """Add sizes, (h, w), to sums of uint16."""
    for i in range(sizes.shape[0]):
        for j in range(sizes.shape[1]):
            sums[i, j] += np.uint16(sizes[i, j])


@compiled
def busyness(sizes, companded, before, after, first, last, out):  # type: ignore[no-untyped-def]
    """Companded sums over windows of ``(n, h, w)``; rows from ``first`` to ``last``.

    A window reaches so many cells before a cell and after it, up and down, left and right, and
    sees zeros outside.
    """
    count, height, width = sizes.shape
    column = np.zeros(before + width + after, np.int64)
    for n in range(count):
        for i in range(first, last):
            if i == first:
                for j in range(width):
                    column[before + j] = 0
                for row in range(max(i - before, 0), min(i + after + 1, height)):
                    for j in range(width):
                        column[before + j] += sizes[n, row, j]
            else:
                if i + after < height:
                    for j in range(width):
                        column[before + j] += sizes[n, i + after, j]
                if i - before - 1 >= 0:
                    for j in range(width):
                        column[before + j] -= sizes[n, i - before - 1, j]
            total = np.int64(0)
            for j in range(before + after):
                total += column[j]
            for j in range(width):
                total += column[j + before + after]
                out[n, i - first, j] = companded[total]
                total -= column[j]


@compiled
def slopes(low, factor, scale, limit, companded, first, last, out):  # type: ignore[no-untyped-def]
    """Companded differences to the right and below, of rows ``first`` to ``last`` (both even).

    Parameters
    ----------
    low : ndarray of float64, shape (h, w)
    factor, scale : float
        Differences are multiplied by the one, then by the other.
    limit : int
        Largest entry of the table that is looked at.
    out : ndarray of uint8, shape (16, (last - first) / 2, w / 2)
        Filled: to the right at (even, even) rows and columns, (even, odd), (odd, even), (odd, odd),
        likewise below: what is above zero; then what is below zero.
    """
    height, width = low.shape
    for i in range(first, last):
        for j in range(width):
            phase = 2 * (i & 1) + (j & 1)
            row, column = (i - first) >> 1, j >> 1
            right = low[i, j + 1] - low[i, j] if j + 1 < width else 0.0
            under = low[i + 1, j] - low[i, j] if i + 1 < height else 0.0
            for kind in range(2):
                change = np.floor((under if kind else right) * factor * scale + 0.5)
                size = companded[np.int64(min(abs(change), limit))]
                place = 4 * kind + phase
                out[place, row, column] = size if change > 0 else 0
                out[8 + place, row, column] = 0 if change > 0 else size

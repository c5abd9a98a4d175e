"""Blocks of a level's grid that have codes, cut out and put back; compiled."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def count(planes, side, out):  # type: ignore[no-untyped-def]
    """How many values of ``(n, h, w)`` are not zero in each block of so many cells a side."""
    out[:] = 0
    columns = np.zeros(planes.shape[2], np.int32)
    for down in range(out.shape[0]):
        columns[:] = 0
        for n in range(planes.shape[0]):
            for i in range(side):
                for j in range(columns.size):
                    columns[j] += planes[n, down * side + i, j] != 0
        for across in range(out.shape[1]):
            for j in range(side):
                out[down, across] += columns[across * side + j]


@compiled
def gather(planes, numbers, across, side, out):  # type: ignore[no-untyped-def]
    """Cut blocks out of planes.

    Parameters
    ----------
    planes : ndarray, shape (n, h, w)
    numbers : ndarray of int
        Which blocks, counted row by row.
    across : int
        Blocks a row has.
    side : int
    out : ndarray, shape (n, len(numbers), side, side)
    """
    for n in range(planes.shape[0]):
        for k in range(numbers.size):
            top, left = numbers[k] // across * side, numbers[k] % across * side
            for i in range(side):
                for j in range(side):
                    out[n, k, i, j] = planes[n, top + i, left + j]


@compiled
def scatter(blocks, numbers, across, side, out):  # type: ignore[no-untyped-def]
    """Put blocks, ``(len(numbers), side, side)``, into a plane."""
    for k in range(numbers.size):
        top, left = numbers[k] // across * side, numbers[k] % across * side
        for i in range(side):
            for j in range(side):
                out[top + i, left + j] = blocks[k, i, j]


@compiled
def patches(values, channels, numbers, across, side, halo, out):  # type: ignore[no-untyped-def]
    """Cut blocks out with what lies around them, and set them side by side.

    Parameters
    ----------
    values : ndarray of uint8, shape (h, w, c)
    channels : int
        Leading channels to take.
    halo : int
        Cells around a block that come along; zeros where the grid ends.
    out : ndarray of uint8, shape (side + 2 halo, len(numbers) * (side + 2 halo), channels)
    """
    rows, columns = values.shape[0], values.shape[1]
    wide = side + 2 * halo
    for i in range(wide):
        for k in range(numbers.size):
            row = numbers[k] // across * side - halo + i
            left = numbers[k] % across * side - halo
            for j in range(wide):
                if 0 <= row < rows and 0 <= left + j < columns:
                    for channel in range(channels):
                        out[i, k * wide + j, channel] = values[row, left + j, channel]
                else:
                    for channel in range(channels):
                        out[i, k * wide + j, channel] = 0


@compiled
def clear_outside(values, rows, columns, numbers, across, side, halo):  # type: ignore[no-untyped-def]
    """Set to zero what of patches, as `patches` sets them out, lies outside the grid."""
    wide = side + 2 * halo
    for k in range(numbers.size):
        top = numbers[k] // across * side - halo
        left = numbers[k] % across * side - halo
        if top >= 0 and top + wide <= rows and left >= 0 and left + wide <= columns:
            continue
        for i in range(wide):
            for j in range(wide):
                if not (0 <= top + i < rows and 0 <= left + j < columns):
                    for channel in range(values.shape[2]):
                        values[i, k * wide + j, channel] = 0


@compiled
def put_back(values, numbers, across, side, halo, out):  # type: ignore[no-untyped-def]
    """Put the middles of patches into ``(h, w, c)``, in its leading channels."""
    wide = side + 2 * halo
    for i in range(side):
        for k in range(numbers.size):
            row = numbers[k] // across * side + i
            left = numbers[k] % across * side
            for j in range(side):
                for channel in range(values.shape[2]):
                    out[row, left + j, channel] = values[halo + i, k * wide + halo + j, channel]


@compiled
def gains(values, factor, cost, out):  # type: ignore[no-untyped-def]
    """Add, block by block, what codes gain over zeros: squared steps less the cost of each code.

    Parameters
    ----------
    values : ndarray of float32, shape (n, h, w)
        Coefficients; a coefficient times ``factor`` is in steps.
    cost : float
        Of a code that is not zero, in squared steps.
    out : ndarray of float64, shape (n,)
    """
    for k in range(values.shape[0]):
        total = 0.0
        for i in range(values.shape[1]):
            for j in range(values.shape[2]):
                size = abs(values[k, i, j]) * factor
                # The nearest whole number leaves at most a quarter; a step less leaves the rest.
                rest = size - np.floor(size + 0.5)
                total += max(size * size - rest * rest - cost, 0.0)
        out[k] += total


@compiled
def accumulate(blocks, numbers, across, side, out):  # type: ignore[no-untyped-def]
    """Add blocks, ``(len(numbers), side, side)``, to a plane."""
    for k in range(numbers.size):
        top, left = numbers[k] // across * side, numbers[k] % across * side
        for i in range(side):
            for j in range(side):
                out[top + i, left + j] += blocks[k, i, j]


@compiled
def plane_patches(planes, numbers, across, side, halo, out):  # type: ignore[no-untyped-def]
    """`patches` of planes, ``(n, h, w)``: ``(n, wide, len(numbers) * wide)``."""
    rows, columns = planes.shape[1], planes.shape[2]
    wide = side + 2 * halo
    for n in range(planes.shape[0]):
        for i in range(wide):
            for k in range(numbers.size):
                row = numbers[k] // across * side - halo + i
                left = numbers[k] % across * side - halo
                for j in range(wide):
                    inside = 0 <= row < rows and 0 <= left + j < columns
                    out[n, i, k * wide + j] = planes[n, row, left + j] if inside else 0


@compiled
def put(values, pairs, numbers, across, side, out):  # type: ignore[no-untyped-def]
    """Put planes of blocks into channels: ``out[:, :, a] = values[b]`` for pairs ``(a, b)``.

    Parameters
    ----------
    values : ndarray of uint8, shape (n, len(numbers) * side, side)
    out : ndarray of uint8, shape (h, w, channels)
    """
    for k in range(numbers.size):
        top, left = numbers[k] // across * side, numbers[k] % across * side
        for i in range(side):
            for pair in range(pairs.shape[0]):
                place, number = pairs[pair, 0], pairs[pair, 1]
                for j in range(side):
                    out[top + i, left + j, place] = values[number, k * side + i, j]


@compiled
def busyness(sums, companded, reach, numbers, across, side, halo, out):  # type: ignore[no-untyped-def]
    """`viewer.codecs.vqvae2.plane_loops.busyness` of patches; zero where they leave the grid.

    Parameters
    ----------
    sums : ndarray of uint16, shape (n, h, w)
    reach : int
        Half a window: so many cells before a cell, itself, and one less after it.
    out : ndarray of uint8, shape (n, wide, len(numbers) * wide)
    """
    rows, columns = sums.shape[1], sums.shape[2]
    wide = side + 2 * halo
    column = np.zeros(wide + 2 * reach - 1, np.int64)
    for n in range(sums.shape[0]):
        for k in range(numbers.size):
            top = numbers[k] // across * side - halo
            left = numbers[k] % across * side - halo
            column[:] = 0
            for i in range(-2 * reach + 1, wide):
                # The row that comes into the windows, and the one that leaves them.
                new, old = top + i + reach - 1, top + i - reach - 1
                for j in range(column.size):
                    at = left - reach + j
                    if 0 <= at < columns:
                        if 0 <= new < rows:
                            column[j] += sums[n, new, at]
                        if i > 0 and 0 <= old < rows:
                            column[j] -= sums[n, old, at]
                if i < 0:
                    continue
                total = np.int64(0)
                for j in range(2 * reach - 1):
                    total += column[j]
                for j in range(wide):
                    total += column[j + 2 * reach - 1]
                    inside = 0 <= top + i < rows and 0 <= left + j < columns
                    out[n, i, k * wide + j] = companded[total] if inside else 0
                    total -= column[j]

"""What is known around the pixels of a phase and what follows from it, compiled, in integers.

Planes are the pixels of a phase with a margin of one, all of one shape, ``(4, h + 2, w + 2)``.
`viewer.codecs.residual.features` says what is looked at, `prediction` what for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.compiling import compiled, inlined

LIMIT = 2047
CONSTANT = 64
CROSS = 4
"""How many of the neighbours of the decoded picture are the nearest, which come first."""


Plane = NDArray[np.int32]


class Around(NamedTuple):
    """What a phase of a tile is predicted from.

    Parameters
    ----------
    phase : int
    picture, residuals : ndarray of int32, shape (4, h + 2, w + 2)
        Decoded values in 1/64; what those known lack to stored values, as it is looked at.
    known, around : ndarray of int64, shape (n, 3)
        Plane, rows down and columns right of the residuals and of the pixels looked at.
    shift : int
        Halvings of what is looked at.
    activity, small, large : ndarray of int32, shape (h + 2, w + 2)
        How busy the picture is, and mean sizes of residuals in two windows.
    """

    phase: int
    picture: Plane
    residuals: Plane
    known: NDArray[np.int64]
    around: NDArray[np.int64]
    shift: int
    activity: Plane
    small: Plane
    large: Plane


class Scale(NamedTuple):
    """How stored values lie in a tile.

    Parameters
    ----------
    darkest, brightnesses : int
        Least value of the decoded picture, and how many values it reaches over.
    low, high, step : int
        Of the range of stored values.
    """

    darkest: int
    brightnesses: int
    low: int
    high: int
    step: int


@inlined
def _reduced(value, shift):  # type: ignore[no-untyped-def]
    """A difference in 1/64 halved and clamped as it is looked at."""
    return min(max((value + ((1 << shift) >> 1)) >> shift, -LIMIT), LIMIT)


@compiled
def lack(values, picture, shift, out):  # type: ignore[no-untyped-def]
    """What the decoded picture lacks to stored values of a phase; ``picture`` has a margin."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            wanted = np.int64(values[i, j]) << 6
            out[i, j] = _reduced(wanted - picture[i + 1, j + 1], shift)


@compiled
def box(plane, side, divisor, room, out):  # type: ignore[no-untyped-def]
    """Sums over ``side`` x ``side``, nothing beyond the edge, over ``divisor``.

    ``room`` is a line of the plane's width.
    """
    rows, columns = plane.shape
    reach = side // 2
    for j in range(columns):
        room[j] = 0
    for i in range(min(reach, rows)):
        for j in range(columns):
            room[j] += plane[i, j]
    for i in range(rows):
        for j in range(columns):
            if i + reach < rows:
                room[j] += plane[i + reach, j]
            if i - reach - 1 >= 0:
                room[j] -= plane[i - reach - 1, j]
        total = np.int64(0)
        for j in range(min(reach, columns)):
            total += room[j]
        for j in range(columns):
            if j + reach < columns:
                total += room[j + reach]
            if j - reach - 1 >= 0:
                total -= room[j - reach - 1]
            out[i, j] = total // divisor


@compiled
def steps(picture, around, shift, rows, columns, out):  # type: ignore[no-untyped-def]
    """Sum of the sizes of the steps to the nearest pixels of the first phase, with a margin."""
    for i in range(rows):
        for j in range(columns):
            here = np.int64(picture[0, i + 1, j + 1])
            total = np.int64(0)
            for k in range(CROSS):
                plane, down, right = around[k, 0], around[k, 1], around[k, 2]
                total += abs(_reduced(picture[plane, i + 1 + down, j + 1 + right] - here, shift))
            out[i + 1, j + 1] = total


@inlined
def _look(i, j, seen, signed, sizes):  # type: ignore[no-untyped-def]
    """Fill what the mean and what the scale of a pixel are predicted from, but for the noise."""
    picture, residuals, known, around = seen.picture, seen.residuals, seen.known, seen.around
    here = np.int64(picture[seen.phase, i + 1, j + 1])
    first = known.shape[0]
    for k in range(first):
        value = residuals[known[k, 0], i + 1 + known[k, 1], j + 1 + known[k, 2]]
        signed[k] = value
        sizes[k] = abs(value)
    bend = np.int64(0)
    for k in range(around.shape[0]):
        there = np.int64(picture[around[k, 0], i + 1 + around[k, 1], j + 1 + around[k, 2]])
        value = _reduced(there - here, seen.shift)
        signed[first + k] = value
        sizes[first + k] = abs(value)
        if k < CROSS:
            bend += value
    at = first + around.shape[0]
    signed[at] = CONSTANT
    sizes[at] = min(abs(bend), LIMIT)
    sizes[at + 1] = seen.activity[i + 1, j + 1]
    at += 2
    if seen.phase:
        sizes[at] = seen.small[i + 1, j + 1]
        sizes[at + 1] = seen.large[i + 1, j + 1]
        at += 2
    sizes[at] = 0
    sizes[at + 1] = CONSTANT


@compiled
def samples(every, columns, seen, all_signed, all_sizes):  # type: ignore[no-untyped-def]
    """What is known around every so many pixels of a phase, in reading order, as rows.

    The noise, last but one of the sizes, is left at 0.
    """
    signed = np.zeros(all_signed.shape[1], np.int64)
    sizes = np.zeros(all_sizes.shape[1], np.int64)
    for row in range(all_signed.shape[0]):
        _look(row * every // columns, row * every % columns, seen, signed, sizes)
        for k in range(signed.size):
            all_signed[row, k] = signed[k]
        for k in range(sizes.size):
            all_sizes[row, k] = sizes[k]


@compiled
def _sums(i, seen, mean_weights, scale_weights, totals, scales, bend):  # type: ignore[no-untyped-def]
    """Weighted sums of what a row of pixels is predicted from; the noise is left out."""
    picture, residuals, phase = seen.picture, seen.residuals, seen.phase
    columns, first = totals.size, seen.known.shape[0]
    for j in range(columns):
        totals[j] = CONSTANT * np.int32(mean_weights[mean_weights.size - 1])
        scales[j] = CONSTANT * np.int32(scale_weights[scale_weights.size - 1])
        bend[j] = 0
    for k in range(first):
        plane, row, right = seen.known[k, 0], i + 1 + seen.known[k, 1], 1 + seen.known[k, 2]
        mean, scale = np.int32(mean_weights[k]), np.int32(scale_weights[k])
        for j in range(columns):
            value = residuals[plane, row, j + right]
            totals[j] += value * mean
            scales[j] += abs(value) * scale
    half = np.int32((1 << seen.shift) >> 1)
    for k in range(seen.around.shape[0]):
        plane, row, right = seen.around[k, 0], i + 1 + seen.around[k, 1], 1 + seen.around[k, 2]
        mean, scale = np.int32(mean_weights[first + k]), np.int32(scale_weights[first + k])
        nearest = np.int32(k < CROSS)
        for j in range(columns):
            value = picture[plane, row, j + right] - picture[phase, i + 1, j + 1]
            value = (value + half) >> np.int32(seen.shift)
            value = min(max(value, np.int32(-LIMIT)), np.int32(LIMIT))
            totals[j] += value * mean
            scales[j] += abs(value) * scale
            bend[j] += value * nearest
    at = first + seen.around.shape[0]
    scale, busy = np.int32(scale_weights[at]), np.int32(scale_weights[at + 1])
    for j in range(columns):
        bent = min(abs(bend[j]), np.int32(LIMIT))
        scales[j] += bent * scale + seen.activity[i + 1, j + 1] * busy
    if phase:
        scale, wide = np.int32(scale_weights[at + 2]), np.int32(scale_weights[at + 3])
        for j in range(columns):
            scales[j] += seen.small[i + 1, j + 1] * scale + seen.large[i + 1, j + 1] * wide


@compiled
def expect(  # type: ignore[no-untyped-def]
    seen, mean_weights, scale_weights, weight_bits, curve, scale, value, offset, mirrored, context
):
    """Predict the pixels of a phase; see `viewer.codecs.residual.prediction.Expectation`.

    Parameters
    ----------
    seen : Around
    scale : Scale
    value, offset, mirrored, context : ndarray, shape of the phase
        Filled.
    """
    columns = value.shape[1]
    # Sums stay below 2**23, so that 32 bits hold them, and a float32 exactly.
    totals, scales = np.zeros(columns, np.int32), np.zeros(columns, np.int32)
    bend, floats = np.zeros(columns, np.int32), np.zeros(columns, np.float32)
    digits = floats.view(np.int32)
    unit = 8 * scale.step
    far = np.int64(1) << 20
    half = np.int64(1) << (weight_bits - 1)
    noise_weight = np.int32(scale_weights[scale_weights.size - 2])
    for i in range(value.shape[0]):
        _sums(i, seen, mean_weights, scale_weights, totals, scales, bend)
        for j in range(columns):
            here = np.int64(seen.picture[seen.phase, i + 1, j + 1])
            noise = curve[(here - scale.darkest) * curve.size // scale.brightnesses]
            floats[j] = np.float32(max(scales[j] + noise * noise_weight, 1))
            mean = here + (((totals[j] + half) >> weight_bits) << seen.shift)
            near = min(max((mean + 32) >> 6, scale.low), scale.high)
            rest = min(max(mean - (near << 6), -far), far)
            eighths = min(max((2 * rest + unit) // (2 * unit), -4), 4)
            value[i, j] = near
            offset[i, j] = abs(eighths)
            mirrored[i, j] = eighths < 0
        for j in range(columns):
            # Quarter octaves: the exponent and two bits of the fraction.
            context[i, j] = (digits[j] >> 21) - 508

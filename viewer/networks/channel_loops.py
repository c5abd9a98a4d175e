"""Planes to channels and back, compiled."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def put(out, pairs, values):  # type: ignore[no-untyped-def]
    """``out[:, :, a] = values[b]`` for pairs ``(a, b)``, row by row.

    Parameters
    ----------
    out : ndarray of uint8, shape (h, w, channels)
    pairs : ndarray of int, shape (n, 2)
    values : ndarray of uint8, shape (m, h, w)
    """
    for i in range(out.shape[0]):
        # A row of all channels stays in the nearest cache.
        for k in range(pairs.shape[0]):
            place, number = pairs[k, 0], pairs[k, 1]
            for j in range(out.shape[1]):
                out[i, j, place] = values[number, i, j]


@compiled
def put_eights(out, order, values):  # type: ignore[no-untyped-def]
    """``out[:, :, k] = values[order[k]]`` of all channels, eight at a time.

    Parameters
    ----------
    out : ndarray of uint64, shape (h, w, channels / 8)
        Bytes of channels, eight to a number, the first the lowest.
    order : ndarray of uint64, shape (channels,)
    values : ndarray of uint8, shape (m, h, w)
    """
    for i in range(out.shape[0]):
        for k in range(out.shape[2]):
            of = order[8 * k : 8 * k + 8]
            a, b, c, d, e, f, g, h = of[0], of[1], of[2], of[3], of[4], of[5], of[6], of[7]
            for j in range(out.shape[1]):
                low = (
                    np.uint64(values[a, i, j])
                    | (np.uint64(values[b, i, j]) << np.uint64(8))
                    | (np.uint64(values[c, i, j]) << np.uint64(16))
                    | (np.uint64(values[d, i, j]) << np.uint64(24))
                )
                high = (
                    np.uint64(values[e, i, j])
                    | (np.uint64(values[f, i, j]) << np.uint64(8))
                    | (np.uint64(values[g, i, j]) << np.uint64(16))
                    | (np.uint64(values[h, i, j]) << np.uint64(24))
                )
                out[i, j, k] = low | (high << np.uint64(32))


@compiled
def heads(sums, scale, mean, top, limit):  # type: ignore[no-untyped-def]
    """What the sums of a prior's last convolution say.

    Parameters
    ----------
    sums : ndarray of float32, shape (2 n, h, w), in any order of memory
        Scale indices in 2**-9 and less 16, then means in eighths of a step in 2**-8.
    scale, mean : ndarray of int16, shape (n, h, w)
        Filled: 0 to ``top``, and ``limit`` at most in size.
    """
    count = scale.shape[0]
    for i in range(scale.shape[1]):
        # One thing at a time: so the processor does several pixels at once.
        for k in range(count):
            for j in range(scale.shape[2]):
                first = np.floor(sums[k, i, j] * np.float32(2.0**-9) + np.float32(16.5))
                scale[k, i, j] = np.int16(min(max(first, np.float32(0)), np.float32(top)))
            for j in range(scale.shape[2]):
                second = np.floor(sums[count + k, i, j] * np.float32(2.0**-8) + np.float32(0.5))
                mean[k, i, j] = np.int16(min(max(second, np.float32(-limit)), np.float32(limit)))


@compiled
def append(values, again, out):  # type: ignore[no-untyped-def]
    """``out[..., :n] = values`` and, behind them, those of the channels ``again``.

    Parameters
    ----------
    values : ndarray of uint8, shape (h, w, n)
    again : ndarray of int, shape (m,)
    out : ndarray of uint8, shape (h, w, n + m)
    """
    count = values.shape[2]
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            for k in range(count):
                out[i, j, k] = values[i, j, k]
            for k in range(again.size):
                out[i, j, count + k] = values[i, j, again[k]]

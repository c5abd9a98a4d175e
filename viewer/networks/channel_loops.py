"""Planes to channels, compiled."""

from __future__ import annotations

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

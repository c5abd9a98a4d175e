"""The lifting steps of `viewer.codecs.vqvae2.wavelet`, compiled; exact on integers in float64."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def _change(values, target, first, second, scale, start, end, sign):  # type: ignore[no-untyped-def]
    """Add ``sign`` times the rounded ``scale`` of the sum of two lines to a third."""
    for k in range(start, end):
        change = np.floor((values[first, k] + values[second, k]) * scale + 0.5)
        values[target, k] += sign * change


@compiled
def _change_along(s, d, scales, forward):  # type: ignore[no-untyped-def]
    """All four steps of a line in two halves, or back."""
    n = s.size
    for turn in range(4):
        step = turn if forward else 3 - turn
        scale = scales[step]
        sign = 1.0 if forward else -1.0
        if step & 1:
            s[0] += sign * np.floor((d[0] + d[0]) * scale + 0.5)
            for k in range(1, n):
                s[k] += sign * np.floor((d[k - 1] + d[k]) * scale + 0.5)
        else:
            for k in range(n - 1):
                d[k] += sign * np.floor((s[k] + s[k + 1]) * scale + 0.5)
            d[n - 1] += sign * np.floor((s[n - 1] + s[n - 1]) * scale + 0.5)


@compiled
def split_rows(x, low, high, scales, first, last):  # type: ignore[no-untyped-def]
    """Split rows from ``first`` to ``last`` of ``(h, 2n)`` into low and high halves."""
    n = low.shape[1]
    s, d = np.empty(n), np.empty(n)
    for row in range(first, last):
        for k in range(n):
            s[k] = x[row, 2 * k]
            d[k] = x[row, 2 * k + 1]
        _change_along(s, d, scales, True)
        for k in range(n):
            low[row, k] = s[k]
            high[row, k] = d[k]


@compiled
def split_columns(x, both, scales, first, last):  # type: ignore[no-untyped-def]
    """Split columns from ``first`` to ``last`` of ``(2n, w)`` into halves, low above high.

    Each step follows the one before it by a line, so that the lines at work stay in the cache.
    """
    n = x.shape[0] // 2
    for k in range(n + 2):
        if k < n:
            for j in range(first, last):
                both[k, j] = x[2 * k, j]
                both[n + k, j] = x[2 * k + 1, j]
        for step in range(0, 4, 2):
            # d[line] needs s[line + 1], which has come; s[line] then needs d[line].
            line = k - 1 - step // 2
            if 0 <= line < n:
                low, high = min(line + 1, n - 1), n + max(line - 1, 0)
                _change(both, n + line, line, low, scales[step], first, last, 1.0)
                _change(both, line, high, n + line, scales[step + 1], first, last, 1.0)


@compiled
def merge_level(ll, lh_low, lh_high, hl, hh, out, scales, first, last):  # type: ignore[no-untyped-def]
    """Undo one level of both directions: pairs of rows from ``first`` to ``last`` of ``out``.

    Columns, as `merge_columns` does, then rows; the lines at work stay in the cache.

    Parameters
    ----------
    ll, hl, hh : ndarray of float64, shape (n, w)
    lh_low, lh_high : ndarray of float64, shape (n, w / 2)
    out : ndarray of float64, shape (2 n, 2 w)
    """
    n, width = ll.shape
    half = lh_low.shape[1]
    end = n - 1
    # Four pairs of lines: what becomes low along the rows at the left, high at the right.
    lines = np.zeros((8, 2 * width))
    s, d = np.empty(width), np.empty(width)
    narrow, wide = np.empty(half), np.empty(half)
    # Two pairs before the first are wrong, for want of those before them, and set it right.
    for k in range(max(first - 2, 0), min(last, n) + 2):
        if k < n:
            now = 2 * (k & 3)
            for j in range(half):
                narrow[j] = lh_low[k, j]
                wide[j] = lh_high[k, j]
            _change_along(narrow, wide, scales, False)
            for j in range(width):
                lines[now, j] = ll[k, j]
                lines[now, width + j] = hl[k, j]
                lines[now + 1, width + j] = hh[k, j]
            for j in range(half):
                lines[now + 1, 2 * j] = narrow[j]
                lines[now + 1, 2 * j + 1] = wide[j]
            before = 2 * (max(k - 1, 0) & 3) + 1
            _change(lines, now, before, now + 1, scales[3], 0, 2 * width, -1.0)
        if 1 <= k <= n:
            here, after = 2 * ((k - 1) & 3), 2 * (min(k, end) & 3)
            before = 2 * (max(k - 2, 0) & 3) + 1
            _change(lines, here + 1, here, after, scales[2], 0, 2 * width, -1.0)
            _change(lines, here, before, here + 1, scales[1], 0, 2 * width, -1.0)
        pair = k - 2
        if pair < 0:
            continue
        here, after = 2 * (pair & 3), 2 * (min(pair + 1, end) & 3)
        _change(lines, here + 1, here, after, scales[0], 0, 2 * width, -1.0)
        if pair < first or pair >= last:
            continue
        for row in range(2):
            for j in range(width):
                s[j] = lines[here + row, j]
                d[j] = lines[here + row, width + j]
            _change_along(s, d, scales, False)
            for j in range(width):
                out[2 * pair + row, 2 * j] = s[j]
                out[2 * pair + row, 2 * j + 1] = d[j]


@compiled
def merge_columns(low, high, out, scales, first, last):  # type: ignore[no-untyped-def]
    """Undo `split_columns`; the halves come apart."""
    n = low.shape[0]
    end = 2 * n - 2
    for k in range(n + 2):
        if k < n:
            for j in range(first, last):
                out[2 * k, j] = low[k, j]
                out[2 * k + 1, j] = high[k, j]
            _change(out, 2 * k, max(2 * k - 1, 1), 2 * k + 1, scales[3], first, last, -1.0)
        line = 2 * (k - 1)
        if 0 <= line <= end:
            _change(out, line + 1, line, min(line + 2, end), scales[2], first, last, -1.0)
            _change(out, line, max(line - 1, 1), line + 1, scales[1], first, last, -1.0)
        line = 2 * (k - 2)
        if 0 <= line <= end:
            _change(out, line + 1, line, min(line + 2, end), scales[0], first, last, -1.0)

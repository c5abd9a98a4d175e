"""The 9-7 lifting transform in integers, held in float64: the normative synthesis.

Each lifting step adds ``floor(c * (a + b) / 4096 + 1/2)`` with an integer ``c`` of 13 bits. A
picture of 16 bits with 6 fraction bits grows to less than 2**29 over five levels, products stay
below 2**44, and a float64 holds all of them exactly. The analysis uses the same steps forwards,
so without quantisation the transform is lossless.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.codecs.vqvae2.parallel import in_parts

Plane = NDArray[np.float64]
Lines = tuple[slice, slice]

LIFTING = (-6497, -217, 3616, 1817)
LIFTING_BITS = 12
_CHUNK = 1 << 16
"""Values of either half that are lifted at once."""
_SHARED = 1 << 19
"""Values of either half from which on a second thread pays."""

Bands = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Details of one level: HL low, HL high, LH low, LH high, HH."""


def _lift(
    target: Plane, source: Plane, factor: int, odd: bool, axis: int, room: Plane, sign: int = 1
) -> None:
    """Add to ``target`` the rounded ``factor / 4096`` of the sum of two neighbours in ``source``.

    ``odd`` says that target is the odd half: the neighbours of target ``n`` are source ``n`` and
    ``n + 1``; else ``n - 1`` and ``n``. Whole-sample symmetry at both ends. ``sign`` -1 subtracts.
    ``room`` is overwritten.
    """
    if axis:
        target, source, room = target.T, source.T, room.T
    size = len(target)
    scale = factor / (1 << LIFTING_BITS)
    at = size - 1 if odd else 0
    update = np.add if sign > 0 else np.subtract

    def change(first: Plane, second: Plane, places: slice) -> None:
        found = room[: len(first)]
        np.add(first, second, out=found)
        found *= scale
        found += 0.5
        np.floor(found, out=found)
        update(target[places], found, out=target[places])

    if size > 1:
        change(source[:-1], source[1:], slice(0, -1) if odd else slice(1, None))
    edge = source[at : at + 1]
    change(edge, edge, slice(at, at + 1))


def _split(x: Plane, axis: int) -> tuple[Plane, Plane]:
    rows, columns = x.shape
    low, high = np.empty((2, rows // 2, columns) if axis == 0 else (2, rows, columns // 2))

    def lift(part: Lines) -> None:
        lines = x[part]
        s, d = _even(lines, axis).copy(), _odd(lines, axis).copy()
        room = np.empty_like(s)
        _lift(d, s, LIFTING[0], True, axis, room)
        _lift(s, d, LIFTING[1], False, axis, room)
        _lift(d, s, LIFTING[2], True, axis, room)
        _lift(s, d, LIFTING[3], False, axis, room)
        low[part], high[part] = s, d

    _across(low, axis, lift)
    return low, high


def _merge(low: Plane, high: Plane, axis: int) -> Plane:
    """Undo `_split`."""
    rows, columns = low.shape
    out = np.empty((2 * rows, columns) if axis == 0 else (rows, 2 * columns))

    def lift(part: Lines) -> None:
        s, d = low[part].copy(), high[part].copy()
        room = np.empty_like(s)
        _lift(s, d, LIFTING[3], False, axis, room, -1)
        _lift(d, s, LIFTING[2], True, axis, room, -1)
        _lift(s, d, LIFTING[1], False, axis, room, -1)
        _lift(d, s, LIFTING[0], True, axis, room, -1)
        _even(out[part], axis)[...] = s
        _odd(out[part], axis)[...] = d

    _across(low, axis, lift)
    return out


def _even(x: Plane, axis: int) -> Plane:
    return x[:, 0::2] if axis else x[0::2]


def _odd(x: Plane, axis: int) -> Plane:
    return x[:, 1::2] if axis else x[1::2]


def _across(half: Plane, axis: int, lift: Callable[[Lines], None]) -> None:
    """Lift all lines, as many at once as the caches hold, large pictures on all cores."""
    every = slice(None)
    step = max(_CHUNK // half.shape[axis], 8)

    def part(start: int, end: int) -> None:
        for first in range(start, end, step):
            lines = slice(first, min(first + step, end))
            lift((lines, every) if axis else (every, lines))

    count = half.shape[1 - axis]
    if half.size < _SHARED:
        part(0, count)
    else:
        in_parts(count, part, 2 * step)


def analyse(picture: Tensor) -> tuple[Tensor, Bands]:
    """Split ``(2h, 2w)`` into its low band ``(h, w)`` and five bands of details.

    Returns
    -------
    tuple
        The low band, then HL's low and high half along the vertical ``(h / 2, w)``, LH's along the
        horizontal ``(h, w / 2)``, and HH ``(h, w)``.
    """
    low, high = _split(picture.numpy(), 1)
    ll, lh = _split(low, 0)
    hl, hh = _split(high, 0)
    bands = (*_split(hl, 0), *_split(lh, 1), hh)
    first, second, third, fourth, fifth = map(torch.from_numpy, bands)
    return torch.from_numpy(ll), (first, second, third, fourth, fifth)


def synthesise(low: Tensor, details: Bands) -> Tensor:
    """Undo `analyse`.

    Parameters
    ----------
    low : Tensor, float64, shape (h, w)
        Integers.
    details : five Tensors, float64
        Integers, in the order of `analyse`.
    """
    hl_low, hl_high, lh_low, lh_high, hh = (band.numpy() for band in details)
    left = _merge(low.numpy(), _merge(lh_low, lh_high, 1), 0)
    right = _merge(_merge(hl_low, hl_high, 0), hh, 0)
    return torch.from_numpy(_merge(left, right, 1))

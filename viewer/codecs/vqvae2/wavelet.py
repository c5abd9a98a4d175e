"""The 9-7 lifting transform in integers, held in float64: the normative synthesis.

Each lifting step adds ``floor(c * (a + b) / 4096 + 1/2)`` with an integer ``c`` of 13 bits. A
picture of 16 bits with 6 fraction bits grows to less than 2**29 over five levels, products stay
below 2**44, and a float64 holds all of them exactly. The analysis uses the same steps forwards,
so without quantisation the transform is lossless.
"""

from __future__ import annotations

from torch import Tensor

LIFTING = (-6497, -217, 3616, 1817)
LIFTING_BITS = 12

Bands = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Details of one level: HL low, HL high, LH low, LH high, HH."""


def _lift(target: Tensor, source: Tensor, factor: int, odd: bool, axis: int, sign: int = 1) -> None:
    """Add to ``target`` the rounded ``factor / 4096`` of the sum of two neighbours in ``source``.

    ``odd`` says that target is the odd half: the neighbours of target ``n`` are source ``n`` and
    ``n + 1``; else ``n - 1`` and ``n``. Whole-sample symmetry at both ends. ``sign`` -1 subtracts.
    """
    size = target.shape[axis]
    scale = factor / (1 << LIFTING_BITS)
    at = size - 1 if odd else 0
    if size > 1:
        change = source.narrow(axis, 0, size - 1) + source.narrow(axis, 1, size - 1)
        change.mul_(scale).add_(0.5).floor_()
        body = target.narrow(axis, 0 if odd else 1, size - 1)
        body.add_(change) if sign > 0 else body.sub_(change)
    change = (source.narrow(axis, at, 1) * 2).mul_(scale).add_(0.5).floor_()
    edge = target.narrow(axis, at, 1)
    edge.add_(change) if sign > 0 else edge.sub_(change)


def _split(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    if axis == 0:
        low, high = x[0::2].clone(), x[1::2].clone()
    else:
        low, high = x[:, 0::2].contiguous(), x[:, 1::2].contiguous()
    a, b, c, d = LIFTING
    _lift(high, low, a, True, axis)
    _lift(low, high, b, False, axis)
    _lift(high, low, c, True, axis)
    _lift(low, high, d, False, axis)
    return low, high


def _merge(low: Tensor, high: Tensor, axis: int) -> Tensor:
    """Undo `_split`; overwrites both halves."""
    a, b, c, d = LIFTING
    _lift(low, high, d, False, axis, -1)
    _lift(high, low, c, True, axis, -1)
    _lift(low, high, b, False, axis, -1)
    _lift(high, low, a, True, axis, -1)
    rows, columns = low.shape
    if axis == 0:
        out = low.new_empty(2 * rows, columns)
        out[0::2], out[1::2] = low, high
    else:
        out = low.new_empty(rows, 2 * columns)
        out[:, 0::2], out[:, 1::2] = low, high
    return out


def analyse(picture: Tensor) -> tuple[Tensor, Bands]:
    """Split ``(2h, 2w)`` into its low band ``(h, w)`` and five bands of details.

    Returns
    -------
    tuple
        The low band, then HL's low and high half along the vertical ``(h / 2, w)``, LH's along the
        horizontal ``(h, w / 2)``, and HH ``(h, w)``.
    """
    low, high = _split(picture, 1)
    ll, lh = _split(low, 0)
    hl, hh = _split(high, 0)
    return ll, (*_split(hl, 0), *_split(lh, 1), hh)


def synthesise(low: Tensor, details: Bands) -> Tensor:
    """Undo `analyse`.

    Parameters
    ----------
    low : Tensor, float64, shape (h, w)
        Integers.
    details : five Tensors, float64
        Integers, in the order of `analyse`.
    """
    hl_low, hl_high, lh_low, lh_high, hh = (band.clone() for band in details)
    left = _merge(low.clone(), _merge(lh_low, lh_high, 1), 0)
    right = _merge(_merge(hl_low, hl_high, 0), hh, 0)
    return _merge(left, right, 1)

"""Codes to values, compiled; `viewer.codecs.vqvae2.tables` says what they mean."""

from __future__ import annotations

import numpy as np

from viewer.compiling import compiled


@compiled
def values(  # type: ignore[no-untyped-def]
    symbols, row, whole, mirrored, shift, centres, reach, bits, second, codes, middles
):
    """Codes of symbols, and where their values lie on average in ``2**-bits`` of a step.

    Parameters
    ----------
    shift : ndarray of uint8
        Empty where no code has low bits.
    centres : ndarray of int32, flat
        Of each row ``2 * reach + 1``.
    second : int
        First row of the second quantiser.
    codes, middles : ndarray of int32
        Filled.
    """
    # In 32 bits and without a branch: so the processor does several codes at once.
    most, wide, zero = np.int32(reach), np.int32(2 * reach + 1), np.int32(0)
    half, up, border = np.int32(1 << (bits - 1)), np.int32(bits), np.int32(second)
    for k in range(symbols.size):
        symbol, table = np.int32(symbols[k]), np.int32(row[k])
        add = centres[np.uint32(table * wide + min(max(symbol, -most), most) + most)]
        sign = np.int32(1) - np.int32(2) * np.int32(mirrored[k])
        code = symbol * sign + np.int32(whole[k])
        # Quantiser 1 lies half a step nearer to zero.
        nearer = (np.int32(code < zero) - np.int32(code > zero)) * half
        codes[k] = code
        middles[k] = (code << up) + add * sign + (nearer if table >= border else zero)
    if shift.size:
        for k in range(symbols.size):
            if shift[k]:
                # Codes with low bits are spread evenly: nothing is added to them.
                near = min(max(np.int64(symbols[k]), -reach), reach) + reach
                middle = np.int64(centres[np.int64(row[k]) * (2 * reach + 1) + near])
                middles[k] += middle if mirrored[k] else -middle


@compiled
def coefficients(middles, step, limit, out):  # type: ignore[no-untyped-def]
    """``floor(value * step + 1/2)`` of a channel, into its places of a band.

    Parameters
    ----------
    middles : ndarray of int32, shape (h, w)
    step, limit : float
        What a unit of ``middles`` is, and the largest coefficient; a step over a power of two
        leaves the product's digits as they are.
    out : ndarray of float64, shape (h, w)
    """
    for i in range(middles.shape[0]):
        for j in range(middles.shape[1]):
            out[i, j] = np.floor(min(max(middles[i, j] * step, -limit), limit) + 0.5)


@compiled
def place(scale, mean, shift_by, top_scale, base, offsets, row, whole, mirrored, shift):  # type: ignore[no-untyped-def]
    """Tables of codes; see `viewer.codecs.vqvae2.tables.place`. Says whether any is shifted."""
    some = False
    for k in range(scale.size):
        size = np.int64(scale[k])
        if shift_by:
            size = np.int64(min(max(int(size + shift_by), 0), top_scale))
        now = np.int64(mean[k])
        near = (now + 4) >> 3
        rest = now - (near << 3)
        whole[k] = near
        if size >= base:
            some = True
            shift[k] = (size - 24) >> 2
            row[k] = (24 + (size & 3)) * offsets
            mirrored[k] = False
        else:
            shift[k] = 0
            row[k] = size * offsets + abs(rest)
            mirrored[k] = rest < 0
    return some


@compiled
def join(high, low, shift, most):  # type: ignore[no-untyped-def]
    """Symbols of high parts and low bits, in place of the high parts; parts within ``most``."""
    for k in range(high.size):
        if not shift[k] and -most <= high[k] <= most:
            continue
        wide = np.int64(shift[k])
        bound = most >> wide
        part = min(max(np.int64(high[k]), -bound), bound)
        high[k] = (part << wide) + low[k] - ((1 << wide) >> 1)


@compiled
def count(shift, counts):  # type: ignore[no-untyped-def]
    """How many codes have so many low bits."""
    for k in range(shift.size):
        counts[shift[k]] += 1


@compiled
def order(shift, starts, places):  # type: ignore[no-untyped-def]
    """Places of codes with low bits: those with fewer first, then as they come.

    ``starts`` says where those of so many bits begin, and is changed.
    """
    for k in range(shift.size):
        bits = shift[k]
        if bits:
            places[starts[bits]] = k
            starts[bits] += 1

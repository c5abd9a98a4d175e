"""The search for the cheapest codes of two quantisers, compiled.

`viewer.codecs.vqvae2.dependent_choice` says what is searched, `trellis` beside it in what.
Costs are float32, summed in the order of the codes, so that the same codes are chosen everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.compiling import compiled, inlined

STATES = 64
CLASSES = 4
SIDE = 64
"""Lanes that are searched side by side."""
_NEAR = 16
_MUCH = np.float32(1e30)


class Prices(NamedTuple):
    """What codes cost.

    Parameters
    ----------
    bits : ndarray of float32, shape (tables, symbols)
    reach : int
        Symbol that announces an escape.
    centres : ndarray of float32, flat
        Of symbols clipped to -near .. near, in steps.
    near : int
    rows : int
        Tables of a quantiser.
    worth : float32
        Squared steps a bit is worth.
    """

    bits: NDArray[np.float32]
    reach: int
    centres: NDArray[np.float32]
    near: int
    rows: int
    worth: np.float32


class Group(NamedTuple):
    """Coefficients of a group in steps, flat, and how their codes are placed.

    ``shift`` is empty where no code has low bits; see `viewer.codecs.vqvae2.tables.Placement`.
    """

    values: NDArray[np.float32]
    row: NDArray[np.uint8]
    whole: NDArray[np.int16]
    mirrored: NDArray[np.bool_]
    shift: NDArray[np.uint8]


@inlined
def bits_of(high, row, bits, reach):  # type: ignore[no-untyped-def]
    """Bits of a high part with its escape, float32."""
    size = abs(high)
    if size < reach:
        return bits[row, high + reach]
    length = np.int64(0)
    excess = size - (reach - 1)
    while excess > 1:
        excess >>= 1
        length += 1
    return bits[row, (reach if high > 0 else -reach) + reach] + np.float32(5 + length)


@inlined
def _cost(  # type: ignore[no-untyped-def]
    size, code, sign, whole, row, shift, second, prices
):
    """Cost and symbol of a code of this size and the value's sign."""
    near = prices.near
    symbol = code * sign - whole
    centre = np.float32(0)
    high = symbol
    if shift > 0:
        high = (symbol + ((1 << shift) >> 1)) >> shift
    else:
        centre = prices.centres[row * (2 * near + 1) + min(max(symbol, -near), near) + near]
    error = size - np.float32(code)
    error -= centre * np.float32(sign)
    if second and code > 0:
        error += np.float32(0.5)
    taken = bits_of(high, row, prices.bits, prices.reach)
    if shift > 0:
        taken += np.float32(shift)
    return error * error + prices.worth * taken, symbol


@inlined
def _fill(group, place, shift, prices, costs, symbols, step, lane):  # type: ignore[no-untyped-def]
    """Fill the costs and symbols of the four classes of a code."""
    value, whole = group.values[place], np.int64(group.whole[place])
    if group.mirrored[place]:
        value, whole = -value, -whole
    row = np.int64(group.row[place])
    sign = np.int64(-1) if value < 0 else np.int64(1)
    size = abs(value)
    for kind in range(CLASSES):
        second, odd = kind >> 1, kind & 1
        half = size * np.float32(0.5) + np.float32(0.25 * second - 0.5 * odd + 0.5)
        code = 2 * np.int64(half) + odd
        table = row + prices.rows * second
        cost, symbol = _cost(size, code, sign, whole, table, shift, second, prices)
        if code == 2:
            zero, other = _cost(size, 0, sign, whole, table, shift, second, prices)
            if zero < cost:
                cost, symbol = zero, other
        costs[step, kind, lane] = cost
        symbols[step, lane, kind] = symbol


@compiled
def _fill_shifted(group, place, prices, costs, symbols, step, lane):  # type: ignore[no-untyped-def]
    """`_fill` for codes with low bits, which are few: not made a part of what calls it."""
    _fill(group, place, np.int64(group.shift[place]), prices, costs, symbols, step, lane)


@compiled
def _search(costs, before, classes, total, new, second):  # type: ignore[no-untyped-def]
    """Go along lanes side by side: which of two ways into each state is cheaper.

    Returns
    -------
    ndarray of float32, shape (STATES, SIDE)
        What it costs to be in each state at the end.
    """
    for step in range(costs.shape[0]):
        for state in range(STATES):
            one, other = before[0, state], before[1, state]
            this, that = classes[0, state], classes[1, state]
            # Whole rows of plain places: so the compiler works on many lanes at once.
            for lane in range(SIDE):
                first = total[one, lane] + costs[step, this, lane]
                beside = total[other, lane] + costs[step, that, lane]
                taken = beside < first
                second[step, state, lane] = taken
                new[state, lane] = beside if taken else first
        total, new = new, total
    return total


@compiled
def choose(  # type: ignore[no-untyped-def]
    group, prices, before, classes, length, found, quantisers, start, end
):
    """Choose the codes of lanes from ``start`` to ``end``.

    Parameters
    ----------
    group : Group
    prices : Prices
    before, classes : ndarray of int, shape (2, STATES)
        The two states before each and the classes that lead from them.
    length : int
        Codes of a lane.
    found, quantisers : ndarray of int32 and int8
        Filled.
    """
    count = group.values.size
    some_shifted = group.shift.size > 0
    steps = min(length, count)
    costs = np.zeros((steps, CLASSES, SIDE), np.float32)
    symbols = np.empty((steps, SIDE, CLASSES), np.int32)
    second = np.empty((steps, STATES, SIDE), np.uint8)
    total, new = np.empty((STATES, SIDE), np.float32), np.empty((STATES, SIDE), np.float32)
    states, kinds = np.empty(SIDE, np.int64), np.empty((steps, SIDE), np.int8)
    for first in range(start, end, SIDE):
        here = min(SIDE, end - first)
        # Few steps at a time: lanes lie so far apart that more would leave the cache.
        for top in range(0, steps, _NEAR):
            for lane in range(SIDE):
                for step in range(top, min(top + _NEAR, steps)):
                    place = (first + lane) * length + step
                    if lane >= here or place >= count:
                        for kind in range(CLASSES):
                            costs[step, kind, lane] = 0
                        continue
                    if some_shifted and group.shift[place] > 0:
                        _fill_shifted(group, place, prices, costs, symbols, step, lane)
                    else:
                        # The compiler leaves out what a constant zero decides.
                        _fill(group, place, 0, prices, costs, symbols, step, lane)
        for state in range(STATES):
            for lane in range(SIDE):
                total[state, lane] = _MUCH if state else np.float32(0)
        ends = _search(costs, before, classes, total, new, second)
        for lane in range(here):
            state = 0
            for other in range(1, STATES):
                if ends[other, lane] < ends[state, lane]:
                    state = other
            states[lane] = state
        for step in range(steps - 1, -1, -1):
            for lane in range(here):
                way = second[step, states[lane], lane]
                kinds[step, lane] = classes[way, states[lane]]
                states[lane] = before[way, states[lane]]
        for top in range(0, steps, _NEAR):
            for lane in range(here):
                for step in range(top, min(top + _NEAR, steps)):
                    place = (first + lane) * length + step
                    if place < count:
                        kind = kinds[step, lane]
                        found[place] = symbols[step, lane, kind]
                        quantisers[place] = kind >> 1


@compiled
def estimate(symbols, row, shift, bits, reach):  # type: ignore[no-untyped-def]
    """Bits these symbols will take."""
    some_shifted = shift.size > 0
    total = 0.0
    for k in range(symbols.size):
        high = np.int64(symbols[k])
        if some_shifted and shift[k] > 0:
            wide = np.int64(shift[k])
            high = (high + ((1 << wide) >> 1)) >> wide
            total += wide
        total += bits_of(high, np.int64(row[k]), bits, reach)
    return total

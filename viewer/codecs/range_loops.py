"""The range decoder of bitstreams as compiled code: `constriction`'s ``RangeDecoder``, symbol by
symbol.

Encoders use the library; decoding every symbol with a table of its own through it costs four
times as much as this. The arithmetic is that of ``constriction`` 0.5 with 24 bits of precision
(docs/BITSTREAM_VQVAE2.md, section 3), all of it modulo 2**64.

State: an array of four uint64: lower end, range, point, and how many words were read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.compiling import compiled, inlined

PRECISION = 24
_UNITS = np.uint64(1 << PRECISION)
_SHIFT = np.uint64(PRECISION)
_WORD = np.uint64(32)
_LEAST = np.uint64(1 << 32)
COLUMNS, WIDE = 64, 128
"""Left cumulatives a table has: one of these; smaller tables repeat the last."""
IMPOSSIBLE = -1
"""Given in place of a symbol where no encoder writes such data."""

State = NDArray[np.uint64]
Words = NDArray[np.uint32]


def begin(words: Words) -> State:
    """The state before the first symbol."""
    first, second = (int(words[i]) if i < words.size else 0 for i in (0, 1))
    return np.array([0, 2**64 - 1, (first << 32) | second, 2], np.uint64)


@inlined
def symbol(words, lower, span, point, at, lefts, table, columns):  # type: ignore[no-untyped-def]
    """Read a symbol.

    Parameters
    ----------
    words : ndarray of uint32
    lower, span, point, at
        The state.
    lefts : ndarray of uint32, shape (tables, columns)
        Left cumulatives, 0 to 2**24; see `left_cumulatives`.
    table, columns : int

    Returns
    -------
    tuple
        The state, and the symbol or `IMPOSSIBLE`.
    """
    unit = span >> _SHIFT
    rest = (point - lower) // unit
    if rest >= _UNITS:
        return lower, span, point, at, IMPOSSIBLE
    quantile = np.uint32(rest)
    # All at once: a search goes another way for every symbol, which the processor cannot foresee.
    below = np.uint32(0)
    for column in range(columns):
        below += np.uint32(lefts[table, column] <= quantile)
    found = np.int64(below) - 1
    left = np.uint64(lefts[table, found])
    lower += unit * left
    span = unit * (np.uint64(lefts[table, found + 1]) - left)
    if span < _LEAST:
        lower <<= _WORD
        span <<= _WORD
        point <<= _WORD
        if at < words.size:
            point |= np.uint64(words[at])
        at += 1
    return lower, span, point, at, found


@inlined
def uniform(words, lower, span, point, at, bits):  # type: ignore[no-untyped-def]
    """Read a number of so many plain bits, 16 at most; see `symbol`."""
    unit = span >> _SHIFT
    rest = (point - lower) // unit
    if rest >= _UNITS:
        return lower, span, point, at, IMPOSSIBLE
    width = np.uint64(PRECISION - bits)
    found = rest >> width
    lower += unit * (found << width)
    span = unit << width
    if span < _LEAST:
        lower <<= _WORD
        span <<= _WORD
        point <<= _WORD
        if at < words.size:
            point |= np.uint64(words[at])
        at += 1
    return lower, span, point, at, np.int64(found)


@inlined
def excess(words, lower, span, point, at, most):  # type: ignore[no-untyped-def]
    """Read an escape: how far a value lies beyond the tables, 1 or more; see `symbol`.

    A number ``n`` of 5 bits, at most ``most``, then ``n`` plain bits, low ones first, 16 at a time.
    """
    lower, span, point, at, length = uniform(words, lower, span, point, at, 5)
    if length == IMPOSSIBLE or length > most:
        return lower, span, point, at, IMPOSSIBLE
    value, done = np.int64(1) << length, 0
    while done < length:
        size = min(length - done, 16)
        lower, span, point, at, part = uniform(words, lower, span, point, at, size)
        if part == IMPOSSIBLE:
            return lower, span, point, at, IMPOSSIBLE
        value += part << done
        done += size
    return lower, span, point, at, value


def left_cumulatives(frequencies: NDArray[np.integer], bits: int) -> NDArray[np.uint32]:  # type: ignore[type-arg]
    """Left cumulatives as ``Categorical(perfect=False)`` makes them of frequencies.

    Parameters
    ----------
    frequencies : ndarray of int, shape (tables, symbols)
        Positive, each row summing to ``2**bits``; fewer than `WIDE` symbols.
    bits : int

    Returns
    -------
    ndarray of uint32, shape (tables, COLUMNS) or (tables, WIDE)
    """
    tables, symbols = frequencies.shape
    sums = np.zeros((tables, symbols + 1), np.int64)
    np.cumsum(frequencies, axis=1, out=sums[:, 1:])
    columns = COLUMNS if symbols < COLUMNS else WIDE
    lefts = np.full((tables, columns), 1 << PRECISION, np.uint32)
    lefts[:, :symbols] = (sums * ((1 << PRECISION) - symbols) >> bits)[:, :-1] + np.arange(symbols)
    return lefts


@compiled
def read_sorted(words, state, lefts, order, rows, tables, out):  # type: ignore[no-untyped-def]
    """Read symbols in an order: ``out[order[k]]`` with the table that goes with its row."""
    lower, span, point, at = state[0], state[1], state[2], np.int64(state[3])
    narrow = lefts.shape[1] == COLUMNS
    for place in order:
        table = np.int64(tables[rows[place]])
        # The compiler makes the most of a number of columns that it knows.
        if narrow:
            lower, span, point, at, found = symbol(
                words, lower, span, point, at, lefts, table, COLUMNS
            )
        else:
            lower, span, point, at, found = symbol(
                words, lower, span, point, at, lefts, table, WIDE
            )
        if found == IMPOSSIBLE:
            return False
        out[place] = found
    state[0], state[1], state[2], state[3] = lower, span, point, np.uint64(at)
    return True


@compiled
def read_bits(words, state, places, bits, done, out):  # type: ignore[no-untyped-def]
    """Read so many plain bits of the numbers at these places, above those done already."""
    lower, span, point, at = state[0], state[1], state[2], np.int64(state[3])
    for place in places:
        lower, span, point, at, found = uniform(words, lower, span, point, at, bits)
        if found == IMPOSSIBLE:
            return False
        out[place] |= found << done
    state[0], state[1], state[2], state[3] = lower, span, point, np.uint64(at)
    return True


@compiled
def read_low(words, state, places, shift, out):  # type: ignore[no-untyped-def]
    """Read the low bits of the codes at these places."""
    lower, span, point, at = state[0], state[1], state[2], np.int64(state[3])
    for place in places:
        lower, span, point, at, found = uniform(
            words, lower, span, point, at, np.int64(shift[place])
        )
        if found == IMPOSSIBLE:
            return False
        out[place] = found
    state[0], state[1], state[2], state[3] = lower, span, point, np.uint64(at)
    return True


@compiled
def read_escapes(words, state, high, reach, most):  # type: ignore[no-untyped-def]
    """Add what exceeds the tables to the high parts, in place."""
    lower, span, point, at = state[0], state[1], state[2], np.int64(state[3])
    for place in range(high.size):
        if abs(high[place]) >= reach:
            lower, span, point, at, more = excess(words, lower, span, point, at, most)
            if more == IMPOSSIBLE:
                return False
            high[place] += more - 1 if high[place] > 0 else 1 - more
    state[0], state[1], state[2], state[3] = lower, span, point, np.uint64(at)
    return True


@inlined
def _parity(high, place, shift, low, whole):  # type: ignore[no-untyped-def]
    """Whether the code is odd; where low bits follow, they alone tell."""
    if shift.size and shift[place] > 0:
        return (np.int64(low[place]) - ((1 << np.int64(shift[place])) >> 1) + whole[place]) & 1
    return (high + whole[place]) & 1


@compiled
def read_lanes(  # type: ignore[no-untyped-def]
    words, state, lefts, rows, shift, low, whole, following, lane, reach, most, high, tables
):
    """Read the high parts of a group of two quantisers, lanes side by side.

    Parameters
    ----------
    rows, whole : ndarray
        Table, before the quantiser is known, and whole mean of each code.
    shift, low : ndarray
        Low bits a code has, and these; both empty where no code has any.
    following : ndarray, shape (states, 2)
        State after an even and after an odd code. The quantiser is the lowest bit of the state.
    lane, reach, most : int
        Codes of a lane; the symbol that announces an escape; bits of an escape.
    high : ndarray of int32
        Filled with the high parts.
    tables : ndarray of uint16
        Filled with the table of each code: those of the second quantiser follow the first's.

    Nearly all codes are zero. Each is guessed to be, which takes two products to check and no
    division: the processor goes on by the guess before it knows.
    """
    lower, span, point, at = state[0], state[1], state[2], np.int64(state[3])
    count = rows.size
    lanes = (count + lane - 1) // lane
    states = np.zeros(lanes, np.uint8)
    half = lefts.shape[0] // 2
    for step in range(min(lane, count)):
        escapes = False
        for number in range(lanes):
            place = number * lane + step
            if place >= count:
                break
            now = states[number]
            quantiser = np.int64(now & 1)
            table = np.int64(rows[place]) + half * quantiser
            tables[place] = table
            unit = span >> _SHIFT
            gap = point - lower
            start = unit * np.uint64(lefts[table, reach])
            end = unit * np.uint64(lefts[table, reach + 1])
            if start <= gap < end:
                found = np.int64(0)
                lower += start
                span = end - start
                if span < _LEAST:
                    lower <<= _WORD
                    span <<= _WORD
                    point <<= _WORD
                    if at < words.size:
                        point |= np.uint64(words[at])
                    at += 1
            else:
                lower, span, point, at, found = symbol(
                    words, lower, span, point, at, lefts, table, COLUMNS
                )
                if found == IMPOSSIBLE:
                    return False
                found -= reach
            high[place] = found
            escapes |= abs(found) == reach
            states[number] = following[now, _parity(found, place, shift, low, whole)]
        if not escapes:
            continue
        for number in range(lanes):
            place = number * lane + step
            if place >= count:
                break
            found = np.int64(high[place])
            if abs(found) != reach:
                continue
            lower, span, point, at, more = excess(words, lower, span, point, at, most)
            if more == IMPOSSIBLE:
                return False
            changed = found + (more - 1 if found > 0 else 1 - more)
            high[place] = changed
            if (changed - found) & 1 and not (shift.size and shift[place] > 0):
                # The lane has gone the other way: the two states after one differ by a constant.
                states[number] ^= following[0, 0] ^ following[0, 1]
    state[0], state[1], state[2], state[3] = lower, span, point, np.uint64(at)
    return True

"""Dependent quantisation: which of two quantisers a code belongs to follows from codes before it.

Quantiser 0 has values at whole steps, quantiser 1 at half steps and at zero: code ``k`` stands for
``k`` steps in the one and for ``k - sign(k) / 2`` in the other. 64 states lead from code to code; a
state names the quantiser, and whether the code is even or odd names the next state. The
encoder looks for the cheapest way through (trellis coded quantisation: Marcellin and Fischer,
IEEE Trans. Commun. 38, 1990; the trellis is that of Ungerboeck's rate 1/2 code, parity checks
103 and 24, IEEE Trans. Inf. Theory 28, 1982; the two quantisers and their codes are H.266's).

Codes of a group, flat, are cut into lanes of `LANE`; each starts in state 0. Lanes are walked side
by side, so a decoder knows the states of all lanes before it reads their next codes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LANE = 256
"""Codes a lane has, the last one perhaps fewer."""
STATES = 64
NEXT = tuple(((s >> 1) ^ 33 * (s & 1), (s >> 1) ^ 33 * (s & 1) ^ 10) for s in range(STATES))
"""State after an even and after an odd code."""
QUANTISER = tuple(s & 1 for s in range(STATES))
"""Quantiser of each state."""
CLASSES = 4
"""Choices of a code: quantiser 0 even, odd; quantiser 1 even, odd."""

FOLLOWING = np.array(NEXT, np.uint8)
"""`NEXT` as an array."""


def _before() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each state, the two states before it and the classes that lead there: (2, STATES)."""
    states: list[list[int]] = [[] for _ in range(STATES)]
    classes: list[list[int]] = [[] for _ in range(STATES)]
    for state, following in enumerate(NEXT):
        for odd, target in enumerate(following):
            states[target].append(state)
            classes[target].append(2 * QUANTISER[state] + odd)
    return np.array(states, np.intp).T.copy(), np.array(classes, np.intp).T.copy()


STATES_BEFORE, CLASSES_BEFORE = _before()


def lanes(count: int, lane: int = LANE) -> int:
    """How many lanes so many codes make."""
    return -(-count // lane)


def cheapest(costs: NDArray[np.float32], lane: int = LANE) -> NDArray[np.int8]:
    """The class of each code on the cheapest way (Viterbi).

    Parameters
    ----------
    costs : ndarray of float32, shape (CLASSES, n)
        What the best code of each class costs.
    lane : int
        Codes a lane has.

    Returns
    -------
    ndarray of int8, shape (n,)
    """
    count = costs.shape[1]
    width = lanes(count, lane)
    length = min(lane, count)
    padded = np.zeros((CLASSES, width * lane), np.float32)
    padded[:, :count] = costs
    # (lane, 4, lanes): what a step needs lies together.
    steps = np.ascontiguousarray(padded.reshape(CLASSES, width, lane).transpose(2, 0, 1)[:length])
    total = np.full((STATES, width), np.float32(1e30))
    total[0] = 0
    second = np.empty((length, STATES, width), bool)
    one, other, more = (np.empty_like(total) for _ in range(3))
    for now, chosen in zip(steps, second, strict=True):
        # Any mode but "raise" writes straight into `out`.
        total.take(STATES_BEFORE[0], axis=0, out=one, mode="clip")
        one += now.take(CLASSES_BEFORE[0], axis=0, out=more, mode="clip")
        total.take(STATES_BEFORE[1], axis=0, out=other, mode="clip")
        other += now.take(CLASSES_BEFORE[1], axis=0, out=more, mode="clip")
        np.less(other, one, out=chosen)
        np.minimum(one, other, out=total)
    return _trace(second.reshape(length, STATES * width), total.argmin(0), width, lane)[:count]


def _trace(
    second: NDArray[np.bool_], state: NDArray[np.intp], width: int, lane: int
) -> NDArray[np.int8]:
    """Walk back from the best last states."""
    found = np.zeros((lane, width), np.int8)
    flat_states, flat_classes = STATES_BEFORE.ravel(), CLASSES_BEFORE.astype(np.int8).ravel()
    columns = np.arange(width)
    for step in range(len(second) - 1, -1, -1):
        where = state * width
        where += columns
        where = second[step].take(where) * STATES
        where += state
        found[step] = flat_classes.take(where)
        state = flat_states.take(where)
    return np.ascontiguousarray(found.T).ravel()

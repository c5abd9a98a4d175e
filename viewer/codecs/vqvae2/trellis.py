"""Dependent quantisation: which of two quantisers a code belongs to follows from codes before it.

Quantiser 0 has values at whole steps, quantiser 1 at half steps and at zero: code ``k`` stands for
``k`` steps in the one and for ``k - sign(k) / 2`` in the other. Eight states lead from code to
code; a state names the quantiser, and whether the code is even or odd names the next state. The
encoder looks for the cheapest way through (trellis coded quantisation: Marcellin and Fischer,
IEEE Trans. Commun. 38, 1990; the trellis is that of JPEG 2000 Part 2, the two quantisers and their
codes those of H.266).

Codes of a group, flat, are cut into lanes of `LANE`; each starts in state 0. Lanes are walked side
by side, so a decoder knows the states of all lanes before it reads their next codes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LANE = 256
"""Codes a lane has, the last one perhaps fewer."""
NEXT = ((0, 1), (3, 2), (5, 4), (6, 7), (1, 0), (2, 3), (4, 5), (7, 6))
"""State after an even and after an odd code."""
QUANTISER = (0, 1, 0, 1, 0, 1, 0, 1)
"""Quantiser of each state."""
STATES = len(NEXT)
CLASSES = 4
"""Choices of a code: quantiser 0 even, odd; quantiser 1 even, odd."""

_NEXT = np.array(NEXT, np.intp).ravel()
_QUANTISER = np.array(QUANTISER, np.intp)


def _before() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each state, the two states before it and the classes that lead there: (2, STATES)."""
    states = [[] for _ in range(STATES)]  # type: list[list[int]]
    classes = [[] for _ in range(STATES)]  # type: list[list[int]]
    for state, following in enumerate(NEXT):
        for odd, target in enumerate(following):
            states[target].append(state)
            classes[target].append(2 * QUANTISER[state] + odd)
    return np.array(states, np.intp).T.copy(), np.array(classes, np.intp).T.copy()


_STATES_BEFORE, _CLASSES_BEFORE = _before()


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
    # States 2n and 2n + 1 follow n and n + 4: what led to n reaches both.
    shape = length, STATES // 2, 2, width
    one = steps.take(_CLASSES_BEFORE[0], axis=1).reshape(shape)
    other = steps.take(_CLASSES_BEFORE[1], axis=1).reshape(shape)
    total = np.full((2, STATES // 2, 1, width), np.float32(1e30))
    total[0, 0] = 0
    following = total.reshape(STATES // 2, 2, width)
    second = np.empty(shape, bool)
    for ways, others, chosen in zip(one, other, second, strict=True):
        np.add(ways, total[0], out=ways)
        np.add(others, total[1], out=others)
        np.less(others, ways, out=chosen)
        np.minimum(ways, others, out=following)
    last = total.reshape(STATES, width).argmin(0)
    return _trace(second.reshape(length, STATES * width), last, width, lane)[:count]


def _trace(
    second: NDArray[np.bool_], state: NDArray[np.intp], width: int, lane: int
) -> NDArray[np.int8]:
    """Walk back from the best last states."""
    found = np.zeros((lane, width), np.int8)
    flat_states, flat_classes = _STATES_BEFORE.ravel(), _CLASSES_BEFORE.astype(np.int8).ravel()
    columns = np.arange(width)
    for step in range(len(second) - 1, -1, -1):
        where = state * width
        where += columns
        where = second[step].take(where) * STATES
        where += state
        found[step] = flat_classes.take(where)
        state = flat_states.take(where)
    return np.ascontiguousarray(found.T).ravel()


class States:
    """The states of all lanes as a decoder goes along."""

    def __init__(self, width: int) -> None:
        self._state = np.zeros(width, np.intp)

    def quantisers(self, width: int) -> NDArray[np.intp]:
        """Quantiser of the next code of the first ``width`` lanes."""
        self._state = self._state[:width]
        return _QUANTISER.take(self._state)

    def advance(self, codes: NDArray[np.int32]) -> None:
        """Go on with these codes, one of each of the lanes asked about."""
        self._state = _NEXT.take(2 * self._state + (codes & 1))

"""What a decoder knows around the pixels of a phase, as planes of small integers in float32.

A value of the picture is held in 1/64 of a stored value. Differences and residuals are divided by
``2**shift`` and clamped to -2047 .. 2047, so that weighted sums stay below 2**23 and a float32
holds them exactly, whatever the order of additions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual.layout import (
    CROSS,
    PHASES,
    Neighbour,
    known_neighbours,
    phase_shape,
    picture_neighbours,
)

Plane = NDArray[np.float32]

LIMIT = 2047
FRACTION_BITS = 6
CURVE = 32
"""Steps of brightness in which noise is told apart."""
CONSTANT = 64.0
_BOXES = (3, 7)


def _planes(values: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """The pixels of each phase, a margin of one around; the picture's edge is repeated."""
    height, width = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2)), mode="edge")
    return [np.pad(even[y::2, x::2], 1, mode="edge") for y, x in PHASES]


class TileContext:
    """What is known of a tile while its phases are decoded one after another.

    Parameters
    ----------
    picture : ndarray of int32, shape (height, width)
        Decoded values in 1/64.
    shift : int
        Halvings of what is looked at.
    """

    def __init__(self, picture: NDArray[np.int32], shift: int) -> None:
        self.height, self.width = picture.shape
        self.shift = shift
        self._picture = [plane.astype(np.float32) for plane in _planes(picture)]
        self._residuals = [np.zeros(plane.shape, np.float32) for plane in self._picture]
        self._sizes = [np.zeros(plane.shape, np.float32) for plane in self._picture]
        self._low = int(picture.min())
        self._range = int(picture.max()) - self._low + 1
        self._activity: Plane | None = None
        self._busyness: list[Plane] = []

    def picture(self, phase: int) -> NDArray[np.int32]:
        """Decoded values of a phase's pixels."""
        return self._here(phase).astype(np.int32)

    def lack(self, phase: int, values: NDArray[np.int32]) -> Plane:
        """What the decoded picture lacks to stored values of a phase, as it is looked at."""
        lack = values.astype(np.float32)
        lack *= np.float32(1 << FRACTION_BITS)
        lack -= self._here(phase)
        return self._reduced(lack)

    def learn(self, phase: int, values: NDArray[np.int32]) -> None:
        """Take in the stored values of a phase."""
        inside = slice(1, 1 + values.shape[0]), slice(1, 1 + values.shape[1])
        lack = self.lack(phase, values)
        self._residuals[phase][inside] = lack
        self._sizes[phase][inside] = np.abs(lack)

    def _here(self, phase: int) -> Plane:
        rows, columns = phase_shape(phase, self.height, self.width)
        return self._picture[phase][1 : 1 + rows, 1 : 1 + columns]

    def _reduced(self, values: Plane) -> Plane:
        """Differences in 1/64, whole numbers below 2**23, halved and clamped in place."""
        if self.shift:
            values += np.float32((1 << self.shift) >> 1)
            values *= np.float32(1 / (1 << self.shift))
            np.floor(values, out=values)
        np.minimum(values, LIMIT, out=values)
        return np.maximum(values, -LIMIT, out=values)

    def signed(self, phase: int) -> list[Plane]:
        """What the mean is predicted from: residuals known, steps of the picture, a constant."""
        shape = phase_shape(phase, self.height, self.width)
        planes = [_at(self._residuals[n.plane], n, shape) for n in known_neighbours(phase)]
        planes += self._steps(phase, shape)
        planes.append(np.full(shape, CONSTANT, np.float32))
        return planes

    def sizes(self, phase: int, signed: list[Plane]) -> list[Plane]:
        """What the scale is predicted from, but for the last but one: see `noise`.

        Parameters
        ----------
        signed : list of ndarray
            As `signed` gives them.
        """
        shape = phase_shape(phase, self.height, self.width)
        known = known_neighbours(phase)
        first = len(known)
        planes = [_at(self._sizes[n.plane], n, shape) for n in known]
        planes += [np.abs(plane) for plane in signed[first:-1]]
        bend = signed[first] + signed[first + 1] + signed[first + 2] + signed[first + 3]
        planes.append(np.minimum(np.abs(bend), LIMIT))
        planes.append(self._activity_around(shape))
        if phase:
            total = self._sizes[0].copy()
            for plane in self._sizes[1:phase]:
                total += plane
            for side in _BOXES:
                mean = _box(total, side).astype(np.int32) // (side * side * phase)
                planes.append(mean[1 : 1 + shape[0], 1 : 1 + shape[1]].astype(np.float32))
        planes += [signed[-1], signed[-1]]
        return planes

    def brightness(self, phase: int) -> NDArray[np.int32]:
        """Step of brightness of each pixel of a phase."""
        return (self.picture(phase) - self._low) * CURVE // self._range

    def noise(self, phase: int, curve: NDArray[np.int32]) -> Plane:
        """Size of the noise that goes with each pixel's brightness.

        Parameters
        ----------
        curve : ndarray of int32, shape (CURVE,)
        """
        return curve.astype(np.float32)[self.brightness(phase)]

    def _steps(self, phase: int, shape: tuple[int, int]) -> list[Plane]:
        here = self._here(phase)
        return [
            self._reduced(_at(self._picture[n.plane], n, shape) - here)
            for n in picture_neighbours(phase)
        ]

    def _activity_around(self, shape: tuple[int, int]) -> Plane:
        """Mean size of the steps to the nearest pixels over 3 x 3 pixels of the first phase."""
        if self._activity is None:
            rows, columns = phase_shape(0, self.height, self.width)
            sizes = np.zeros(self._picture[0].shape, np.float32)
            for plane in self._steps(0, (rows, columns))[: len(CROSS)]:
                sizes[1 : 1 + rows, 1 : 1 + columns] += np.abs(plane)
            mean = _box(sizes, 3).astype(np.int32) // (9 * len(CROSS))
            self._activity = mean.astype(np.float32)
        return self._activity[1 : 1 + shape[0], 1 : 1 + shape[1]]


def _at(plane: NDArray[np.generic], at: Neighbour, shape: tuple[int, int]) -> NDArray:  # type: ignore[type-arg]
    top, left = 1 + at.down, 1 + at.right
    return plane[top : top + shape[0], left : left + shape[1]]


def _box(plane: Plane, side: int) -> Plane:
    """Sums over ``side`` x ``side``, nothing beyond the edge. Exact: below 2**24."""
    for axis in (0, 1):
        total = plane.copy()
        for step in range(1, side // 2 + 1):
            if step >= plane.shape[axis]:
                break
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            total[tuple(behind)] += plane[tuple(ahead)]
            total[tuple(ahead)] += plane[tuple(behind)]
        plane = total
    return plane


def weighted(planes: list[Plane], weights: NDArray[np.int16]) -> Plane:
    """Sum of planes times weights; exact while the sizes of the weights sum to 4096 at most."""
    total = np.zeros(planes[0].shape, np.float32)
    product = np.empty_like(total)
    for plane, weight in zip(planes, weights.tolist(), strict=True):
        if weight:
            np.multiply(plane, np.float32(weight), out=product)
            total += product
    return total

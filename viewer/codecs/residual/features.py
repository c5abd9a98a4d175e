"""What a decoder knows around the pixels of a phase, as small integers.

A value of the picture is held in 1/64 of a stored value. Differences and residuals are divided by
``2**shift`` and clamped to -2047 .. 2047, so that weighted sums stay below 2**23: the mean is
predicted from the residuals known within two rows and columns, the steps of the decoded picture
around and a constant; the scale from the sizes of these, how bent and how busy the picture is,
residuals around, and the noise that goes with the brightness.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.codecs.residual import pixel_loops
from viewer.codecs.residual.layout import (
    PHASES,
    Neighbour,
    known_neighbours,
    phase_shape,
    picture_neighbours,
)

Plane = NDArray[np.int32]

LIMIT = pixel_loops.LIMIT
FRACTION_BITS = 6
CURVE = 32
"""Steps of brightness in which noise is told apart."""
_BOXES = (3, 7)


def _planes(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """The pixels of each phase, a margin of one around; the picture's edge is repeated."""
    height, width = values.shape
    even = np.pad(values, ((0, height % 2), (0, width % 2)), mode="edge")
    return np.stack([np.pad(even[y::2, x::2], 1, mode="edge") for y, x in PHASES])


def _places(neighbours: tuple[Neighbour, ...]) -> NDArray[np.int64]:
    return np.array([(n.plane, n.down, n.right) for n in neighbours], np.int64).reshape(-1, 3)


@lru_cache(maxsize=len(PHASES))
def _neighbours(phase: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of known residuals, and of the decoded picture, around a pixel of a phase."""
    return _places(known_neighbours(phase)), _places(picture_neighbours(phase))


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
        self._picture = _planes(picture)
        self._residuals = np.zeros_like(self._picture)
        self.darkest = int(picture.min())
        self.brightnesses = int(picture.max()) - self.darkest + 1
        self._activity: Plane | None = None
        self._room = np.zeros(self._picture.shape[2], np.int64)

    def shape(self, phase: int) -> tuple[int, int]:
        """Rows and columns of a phase."""
        return phase_shape(phase, self.height, self.width)

    def lack(self, phase: int, values: NDArray[np.int32]) -> Plane:
        """What the decoded picture lacks to stored values of a phase, as it is looked at."""
        out = np.empty(values.shape, np.int32)
        pixel_loops.lack(np.ascontiguousarray(values), self._picture[phase], self.shift, out)
        return out

    def learn(self, phase: int, values: NDArray[np.int32]) -> None:
        """Take in the stored values of a phase."""
        inside = slice(1, 1 + values.shape[0]), slice(1, 1 + values.shape[1])
        self._residuals[phase][inside] = self.lack(phase, values)

    def around(self, phase: int) -> pixel_loops.Around:
        """What a phase is predicted from, once those before are known."""
        known, around = _neighbours(phase)
        small = large = self._busy()
        if phase:
            total = np.abs(self._residuals[:phase]).sum(0, dtype=np.int32)
            small, large = (self._box(total, side, side * side * phase) for side in _BOXES)
        return pixel_loops.Around(
            phase,
            self._picture,
            self._residuals,
            known,
            around,
            self.shift,
            self._busy(),
            small,
            large,
        )

    def brightness(self, phase: int) -> NDArray[np.int32]:
        """Step of brightness of each pixel of a phase."""
        rows, columns = self.shape(phase)
        here = self._picture[phase, 1 : 1 + rows, 1 : 1 + columns]
        return (here - self.darkest) * CURVE // self.brightnesses

    def _busy(self) -> Plane:
        """Mean size of the steps to the nearest pixels over 3 x 3 pixels of the first phase."""
        if self._activity is None:
            sizes = np.zeros(self._picture.shape[1:], np.int32)
            _, around = _neighbours(0)
            pixel_loops.steps(self._picture, around, self.shift, *self.shape(0), sizes)
            self._activity = self._box(sizes, 3, 9 * pixel_loops.CROSS)
        return self._activity

    def _box(self, plane: Plane, side: int, divisor: int) -> Plane:
        out = np.empty_like(plane)
        pixel_loops.box(plane, side, divisor, self._room, out)
        return out

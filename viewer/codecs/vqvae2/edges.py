"""Gains of the outermost lines: undo the frame that resampling left around a picture.

Pictures that were resized by a filter reaching past their border carry a line of about half the
intensity there, and a little too much beside it. Such a line is its inner neighbour times a
constant; coded as it stands it costs a tenth of the bits at low rates. The encoder divides it by
the constant, the decoder multiplies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

GAIN_BITS = 14
UNITY = 1 << GAIN_BITS
LINES = 2
SIDES = 4
MAX_GAIN = (1 << 16) - 1
_MIN_SIZE = 32
_REFERENCE = 2

Gains = tuple[int, ...]
"""SIDES x LINES gains in 2**-14: top, bottom, left, right; the outermost line first."""

NONE: Gains = (UNITY,) * (SIDES * LINES)


def measure(pixels: NDArray[np.integer]) -> Gains:  # type: ignore[type-arg]
    """Gains worth taking off; unity where a line does not look like its inner neighbour scaled."""
    if min(pixels.shape) < _MIN_SIZE:
        return NONE
    gains = []
    for view in (pixels, pixels[::-1], pixels.T, pixels.T[::-1]):
        lines = view[: _REFERENCE + 1, 4:-4].astype(np.float64)
        reference = lines[_REFERENCE]
        energy = float(reference @ reference)
        for line in lines[:LINES]:
            gain = float(line @ reference) / energy if energy else 1.0
            index = int(np.clip(np.floor(gain * UNITY + 0.5), UNITY // 16, MAX_GAIN))
            before = np.square(line - reference).sum()
            after = np.square(line - reference * (index / UNITY)).sum()
            gains.append(index if abs(gain - 1) > 0.015 and after < 0.5 * before else UNITY)
    return tuple(gains)


def _line(picture: Tensor, number: int, rows: int, columns: int) -> Tensor:
    side, depth = divmod(number, LINES)
    if side < 2:
        return picture[depth if side == 0 else rows - 1 - depth, :]
    return picture[:, depth if side == 2 else columns - 1 - depth]


def remove(picture: Tensor, gains: Gains, rows: int, columns: int) -> None:
    """Divide the lines of the unpadded picture by their gains, in place."""
    for number, gain in enumerate(gains):
        if gain != UNITY:
            _line(picture, number, rows, columns).mul_(UNITY).div_(gain).add_(0.5).floor_()


def restore(picture: Tensor, gains: Gains, rows: int, columns: int) -> None:
    """Multiply the lines by their gains, in place, in integers."""
    for number, gain in enumerate(gains):
        if gain != UNITY:
            _line(picture, number, rows, columns).mul_(gain).mul_(1.0 / UNITY).add_(0.5).floor_()

"""Turning and mirroring of what is shown; stored values stay where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.overlays import Overlay, combined
from viewer.images.radiograph import Header, Radiograph

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """How a picture is shown: left and right exchanged first, then turned.

    Parameters
    ----------
    quarters : int
        Quarter turns clockwise, 0..3.
    mirrored : bool
    """

    quarters: int = 0
    mirrored: bool = False

    @property
    def is_none(self) -> bool:
        """Whether the picture is shown as it is stored."""
        return not self.quarters and not self.mirrored

    def clockwise(self, quarters: int = 1) -> Turn:
        """Return what is shown turned further."""
        return Turn((self.quarters + quarters) % 4, self.mirrored)

    def flipped_across(self) -> Turn:
        """Return what is shown with left and right exchanged."""
        return Turn(-self.quarters % 4, not self.mirrored)

    def flipped_down(self) -> Turn:
        """Return what is shown with top and bottom exchanged."""
        return self.flipped_across().clockwise(2)

    def apply(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return an array of (rows, columns, ...) as it is shown, C-contiguous."""
        mirrored = pixels[:, ::-1] if self.mirrored else pixels
        return np.ascontiguousarray(np.rot90(mirrored, -self.quarters))

    def size(self, columns: int, rows: int) -> tuple[int, int]:
        """Return the columns and rows that are shown."""
        return (rows, columns) if self.quarters % 2 else (columns, rows)

    def to_shown(self, x: float, y: float, columns: int, rows: int) -> tuple[float, float]:
        """Return where a point of a stored picture of `columns` x `rows` is shown."""
        if self.mirrored:
            x = columns - x
        for _ in range(self.quarters):
            x, y = rows - y, x
            columns, rows = rows, columns
        return x, y

    def to_stored(self, x: float, y: float, columns: int, rows: int) -> tuple[float, float]:
        """Return the point of a stored picture of `columns` x `rows` that is shown at a point."""
        across, down = self.size(columns, rows)
        for _ in range(self.quarters):
            x, y = y, across - x
            across, down = down, across
        return (columns - x if self.mirrored else x), y

    def edges(self, letters: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
        """Return the letters of the (left, right, top, bottom) edge that is shown."""
        left, right, top, bottom = letters
        if self.mirrored:
            left, right = right, left
        for _ in range(self.quarters):
            left, right, top, bottom = bottom, top, left, right
        return left, right, top, bottom


UPRIGHT = Turn()
"""As stored."""


def box_to_shown(turn: Turn, box: Box, header: Header) -> Box:
    """Return where a rectangle of stored pixels is shown."""
    return _moved(turn.to_shown, box, header)


def box_to_stored(turn: Turn, box: Box, header: Header) -> Box:
    """Return the rectangle of stored pixels that is shown as `box`."""
    return _moved(turn.to_stored, box, header)


def pixel_to_stored(turn: Turn, pixel: tuple[int, int], header: Header) -> tuple[int, int]:
    """Return the stored column and row of the pixel shown at (column, row)."""
    x, y = turn.to_stored(pixel[0] + 0.5, pixel[1] + 0.5, header.columns, header.rows)
    return int(x), int(y)


def turned_header(turn: Turn, header: Header) -> Header:
    """Return a header that says of the picture shown what the file says of the stored one."""
    columns, rows = turn.size(header.columns, header.rows)
    return replace(
        header,
        columns=columns,
        rows=rows,
        aspect=1 / header.aspect if turn.quarters % 2 else header.aspect,
        orientation=turn.edges(header.orientation),
    )


def turned(turn: Turn, radiograph: Radiograph, header: Header) -> Radiograph:
    """Return a radiograph as it is shown.

    Parameters
    ----------
    header : Header
        As `turned_header` gives it: one for all that is shown beside each other.
    """
    overlays: tuple[Overlay, ...] = ()
    if radiograph.overlays:
        rows, columns = radiograph.pixels.shape[:2]
        mask = turn.apply(combined(radiograph.overlays, rows, columns))
        bits = np.packbits(mask.ravel(), bitorder="little")
        overlays = (Overlay(bits, mask.shape[0], mask.shape[1], 0, 0),)
    return Radiograph(header, turn.apply(radiograph.pixels), radiograph.frame, overlays)


def _moved(point: Any, box: Box, header: Header) -> Box:
    x, y, width, height = box
    x0, y0 = point(x, y, header.columns, header.rows)
    x1, y1 = point(x + width, y + height, header.columns, header.rows)
    left, top = round(min(x0, x1)), round(min(y0, y1))
    return left, top, round(abs(x1 - x0)), round(abs(y1 - y0))

"""Overlay planes 60xx: bits drawn over a picture, apart from its pixels (PS3.3 C.9.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One plane of one frame.

    Parameters
    ----------
    bits : ndarray of uint8
        ``rows * columns`` bits, row by row, the lowest bit of a byte first.
    rows, columns : int
        Of the plane, which may be another than the image's.
    top, left : int
        Image row and column of its first bit, from 0; may lie outside the image.
    label : str
        Overlay Label or Description, "" where it has none.
    kind : str
        "G" (graphics) or "R" (region of interest).
    """

    bits: NDArray[np.uint8]
    rows: int
    columns: int
    top: int
    left: int
    label: str = ""
    kind: str = "G"

    def mask(self) -> NDArray[np.bool_]:
        """Return the plane, shape (rows, columns)."""
        flat = np.unpackbits(self.bits, count=self.rows * self.columns, bitorder="little")
        return flat.reshape(self.rows, self.columns).view(np.bool_)


def combined(overlays: tuple[Overlay, ...], rows: int, columns: int) -> NDArray[np.bool_]:
    """Return what all planes cover of an image, shape (rows, columns)."""
    covered = np.zeros((rows, columns), np.bool_)
    for overlay in overlays:
        top, left = max(0, overlay.top), max(0, overlay.left)
        bottom = min(rows, overlay.top + overlay.rows)
        right = min(columns, overlay.left + overlay.columns)
        if top < bottom and left < right:
            rows_inside = slice(top - overlay.top, bottom - overlay.top)
            columns_inside = slice(left - overlay.left, right - overlay.left)
            covered[top:bottom, left:right] |= overlay.mask()[rows_inside, columns_inside]
    return covered

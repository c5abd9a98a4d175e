"""Stored values -> 8-bit picture: Modality LUT, VOI, polarity last. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from viewer.images.radiograph import Header, LookupTable, Radiograph, StoredPixels, Window

Picture = NDArray[np.uint8]
Voi = Window | LookupTable


@dataclass(frozen=True, slots=True)
class GreyTable:
    """Maps stored values of one type to a picture."""

    def apply(self, pixels: StoredPixels, out: Picture | None = None) -> Picture:
        """Return the 8-bit picture of `pixels`; `out` is a buffer to reuse.

        Shape (rows, columns) for grey, (rows, columns, 3) for colour.
        """
        raise NotImplementedError


def presets(header: Header, radiograph: Radiograph | None = None) -> tuple[Voi, ...]:
    """List the choices of the window menu.

    The file's windows, its VOI LUTs, "Auto" (only when `radiograph` is given), "Full range".
    Empty for colour.
    """
    raise NotImplementedError


def default_voi(radiograph: Radiograph) -> Voi:
    """Return what an image is first shown with: the file's first choice, else `auto_window`."""
    raise NotImplementedError


def auto_window(radiograph: Radiograph) -> Window:
    """Return the window from the 1st to the 99th percentile of modality values, no padding."""
    raise NotImplementedError


def full_range(header: Header) -> Window:
    """Return the window over all values the file can hold, in modality units."""
    raise NotImplementedError


def grey_table(header: Header, voi: Voi | None, dtype: DTypeLike) -> GreyTable:
    """Build the table of one VOI for stored values of `dtype`; ``None`` is the full range."""
    raise NotImplementedError


def render(radiograph: Radiograph, voi: Voi | None = None) -> Picture:
    """Return the whole picture of a frame; without `voi`, with `default_voi`."""
    raise NotImplementedError


def modality_value(header: Header, stored: float | int | np.integer[Any]) -> float:
    """Return a stored value in modality units (Rescale or Modality LUT)."""
    raise NotImplementedError


def thumbnail(radiograph: Radiograph, side: int) -> Picture:
    """Return a picture of at most `side` x `side`, area-averaged, shown with `auto_window`."""
    raise NotImplementedError

"""Figures of what the eye sees: both pictures through the window, in 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.images.display import grey_table
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import Radiograph, Window
from viewer.images.voi import Voi
from viewer.metrics.figures import Box, Figures, compare
from viewer.progress import NEVER, CancelToken

DISPLAYED = PixelFormat(8)
"""What a screen shows: the peak is 255."""

_PADDING = -1
"""A value that no picture of 8 bits has."""


@dataclass(frozen=True, slots=True)
class Displayed:
    """Figures as displayed, and through which window.

    Parameters
    ----------
    figures : Figures
        Of the 8-bit pictures: the peak of PSNR is 255, errors are in grey levels of the screen.
    voi : Window, LookupTable or None
        None for colour, which has no window.
    box : (x, y, width, height) or None
    box_figures : Figures or None
        Those of the pictures cropped to the box.
    """

    figures: Figures
    voi: Voi | None
    box: Box | None = None
    box_figures: Figures | None = None

    def as_row(self) -> dict[str, Any]:
        """Return the entry "displayed" of a row of `radview compare --json`."""
        row: dict[str, Any] = {"bits": DISPLAYED.bits_stored, **self.figures.as_row()}
        if isinstance(self.voi, Window):
            row["window"] = {
                "centre": self.voi.centre,
                "width": self.voi.width,
                "function": self.voi.function,
            }
        elif self.voi is not None:
            row["lookup_table"] = self.voi.name
        if self.box_figures is not None:
            row["roi"] = self.box_figures.as_row()
        return row


def compare_displayed(
    original: Radiograph,
    reconstruction: Radiograph,
    voi: Voi | None,
    *,
    box: Box | None = None,
    cancel: CancelToken = NEVER,
) -> Displayed:
    """Measure a reconstruction as it is seen beside its original.

    What the window makes black or white alike is no difference; what it spreads counts more.
    The original's padding is left out.

    Parameters
    ----------
    voi : Window, LookupTable or None
        The one window of both; None for colour.

    Raises
    ------
    MeasureError
        When the box does not lie inside the picture.
    Cancelled
    """
    table = grey_table(original.header, voi, original.pixels.dtype)
    cancel.check()
    before: NDArray[Any] = table.apply(original.pixels)
    after: NDArray[Any] = table.apply(reconstruction.pixels)
    padding = None
    if original.header.grey.padding is not None and original.pixels.ndim == 2:
        first, last = original.header.grey.padding
        mask = (original.pixels >= first) & (original.pixels <= last)
        before, after = (
            np.where(mask, _PADDING, each.astype(np.int16)) for each in (before, after)
        )
        padding = (_PADDING, _PADDING)
    cancel.check()
    figures = compare(before, after, DISPLAYED, padding=padding, cancel=cancel)
    box_figures = None
    if box is not None:
        box_figures = compare(before, after, DISPLAYED, box=box, padding=padding, cancel=cancel)
    return Displayed(figures, voi, box, box_figures)

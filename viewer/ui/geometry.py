"""Where an image lies in a pane: image pixels <-> screen pixels, exact to a device pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_SCALE = 64.0
"""Screen pixels an image pixel may grow to."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """One image in one pane.

    The image coordinate ``x`` runs from 0 at the left edge of the first pixel to ``columns`` at
    the right edge of the last; ``y`` likewise downwards. Screen coordinates are Qt's logical
    pixels of the pane.

    Parameters
    ----------
    columns, rows : int
        Of the image.
    aspect : float
        Height of an image pixel divided by its width.
    width, height : int
        Of the pane, in logical pixels.
    ratio : float
        Device pixels a logical pixel (HiDPI).
    centre : tuple of float or None
        Image point in the middle of the pane; None: the middle of the image.
    scale : float or None
        Logical pixels an image column; None: the whole image fits.
    room : (int, int) or None
        What it fits into where that is not the pane: the smallest of linked panes.
    """

    columns: int
    rows: int
    aspect: float
    width: int
    height: int
    ratio: float = 1.0
    centre: tuple[float, float] | None = None
    scale: float | None = None
    room: tuple[int, int] | None = None

    @property
    def fit_scale(self) -> float:
        """Scale at which the whole image just fits."""
        width, height = self.room or (self.width, self.height)
        across = width / self.columns
        down = height / (self.rows * self.aspect)
        return max(min(across, down), 1e-6)

    @property
    def scale_x(self) -> float:
        """Logical pixels an image column."""
        return self.fit_scale if self.scale is None else self.scale

    @property
    def scale_y(self) -> float:
        """Logical pixels an image row."""
        return self.scale_x * self.aspect

    @property
    def origin(self) -> tuple[float, float]:
        """Screen position of the image's upper left corner, on a device pixel."""
        if self.centre is None or self.scale is None:
            middle = (self.columns / 2, self.rows / 2)
        else:
            middle = self.centre
        x = self.width / 2 - middle[0] * self.scale_x
        y = self.height / 2 - middle[1] * self.scale_y
        return round(x * self.ratio) / self.ratio, round(y * self.ratio) / self.ratio

    @property
    def device_scale(self) -> float:
        """Device pixels an image column: 1 is "1:1"."""
        return self.scale_x * self.ratio

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Return the screen position of an image point."""
        left, top = self.origin
        return left + x * self.scale_x, top + y * self.scale_y

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return the image point under a screen position."""
        left, top = self.origin
        return (x - left) / self.scale_x, (y - top) / self.scale_y

    def pixel_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the (column, row) under a screen position, or None beside the image."""
        across, down = self.to_image(x, y)
        column, row = math.floor(across), math.floor(down)
        inside = 0 <= column < self.columns and 0 <= row < self.rows
        return (column, row) if inside else None

    def device_rectangle(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of the visible image in device pixels of the pane."""
        left, top = self.origin
        ratio = self.ratio
        x0 = max(0, math.floor(left * ratio))
        y0 = max(0, math.floor(top * ratio))
        x1 = min(
            math.ceil(self.width * ratio),
            math.ceil((left + self.columns * self.scale_x) * ratio - 1e-6),
        )
        y1 = min(
            math.ceil(self.height * ratio),
            math.ceil((top + self.rows * self.scale_y) * ratio - 1e-6),
        )
        return x0, y0, max(x0, x1), max(y0, y1)

    def zoomed(
        self, factor: float, at: tuple[float, float]
    ) -> tuple[tuple[float, float], float | None]:
        """Return the centre and scale after zooming with the point `at` (screen) kept in place."""
        smallest = min(self.fit_scale, 1 / self.ratio) / 4
        scale = min(max(self.scale_x * factor, smallest), LARGEST_SCALE)
        fixed = self.to_image(*at)
        return self._centred(fixed, at, scale), scale

    def actual_size(self, at: tuple[float, float]) -> tuple[tuple[float, float], float]:
        """Return the centre and scale of 1:1 with the point `at` (screen) kept in place."""
        scale = 1 / self.ratio
        return self._centred(self.to_image(*at), at, scale), scale

    def panned(self, dx: float, dy: float) -> tuple[tuple[float, float], float]:
        """Return the centre and scale after the image has moved by screen pixels."""
        x, y = self.to_image(self.width / 2 - dx, self.height / 2 - dy)
        # A corner of the image stays in sight, so that it cannot be lost.
        x = min(max(x, 0.0), float(self.columns))
        y = min(max(y, 0.0), float(self.rows))
        return (x, y), self.scale_x

    def _centred(
        self, fixed: tuple[float, float], at: tuple[float, float], scale: float
    ) -> tuple[float, float]:
        x = fixed[0] + (self.width / 2 - at[0]) / scale
        y = fixed[1] + (self.height / 2 - at[1]) / (scale * self.aspect)
        return min(max(x, 0.0), float(self.columns)), min(max(y, 0.0), float(self.rows))

"""What is drawn to be measured: points in stored pixel coordinates, and how they are moved.

The coordinate ``x`` runs from 0 at the left edge of the first pixel to ``columns`` at the right
edge of the last, ``y`` likewise downwards: the centre of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from viewer.errors import MeasureError

Kind = Literal["length", "angle", "cobb", "rectangle", "ellipse", "freehand", "profile", "probe"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Point = tuple[float, float]

MOST_POINTS = 4096
"""Points of a free-hand region; a stroke longer than that is thinned before."""

MOST_HANDLES = 16
"""Of a free-hand outline."""

_POINTS = {
    "length": 2, "angle": 3, "cobb": 4, "rectangle": 2, "ellipse": 2, "profile": 2, "probe": 1,
}  # fmt: skip
_FARTHEST = 1e6


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing drawn on an image.

    Parameters
    ----------
    kind : Kind
    points : tuple of (x, y)
        "length" and "profile": both ends. "angle": end, vertex, end. "cobb": both ends of one
        line, both ends of the other. "rectangle" and "ellipse": two opposite corners of the
        bounding box. "freehand": the outline, closed from the last to the first, 3 to 4096.
        "probe": the place.

    Raises
    ------
    MeasureError
        When the number of points is not that of the kind, or one is not a place.
    """

    kind: Kind
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MeasureError(f"There is no measurement of the kind '{self.kind}'.")
        count = len(self.points)
        wanted = _POINTS.get(self.kind)
        if (wanted is not None and count != wanted) or (
            wanted is None and not 3 <= count <= MOST_POINTS
        ):
            raise MeasureError(f"A measurement of the kind '{self.kind}' has no {count} points.")
        for x, y in self.points:
            if not (abs(x) <= _FARTHEST and abs(y) <= _FARTHEST):
                raise MeasureError("A point of a measurement lies nowhere near an image.")

    @property
    def is_region(self) -> bool:
        """Whether it encloses pixels."""
        return self.kind in ("rectangle", "ellipse", "freehand")

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        across = [x for x, _ in self.points]
        down = [y for _, y in self.points]
        return min(across), min(down), max(across), max(down)

    @property
    def handles(self) -> tuple[Point, ...]:
        """The places at which it can be taken hold of to change its form.

        Rectangle and ellipse: four corners, clockwise from the upper left. Free-hand: up to
        `MOST_HANDLES` points of the outline, evenly spread.
        """
        if self.kind in ("rectangle", "ellipse"):
            left, top, right, bottom = self.bounds
            return (left, top), (right, top), (right, bottom), (left, bottom)
        if self.kind == "freehand":
            return tuple(self.points[index] for index in self._handle_places)
        return self.points

    @property
    def _handle_places(self) -> range:
        return range(0, len(self.points), math.ceil(len(self.points) / MOST_HANDLES))

    def with_handle(self, index: int, to: Point) -> Shape:
        """Return the shape after one of its `handles` was dragged to a place."""
        if self.kind in ("rectangle", "ellipse"):
            left, top, right, bottom = self.bounds
            opposite = (
                right if index in (0, 3) else left,
                bottom if index in (0, 1) else top,
            )
            return replace(self, points=(opposite, to))
        if self.kind == "freehand":
            return self._bent(self._handle_places[index], to)
        points = list(self.points)
        points[index] = to
        return replace(self, points=tuple(points))

    def _bent(self, place: int, to: Point) -> Shape:
        """Move a point of an outline; its neighbours follow the less the farther they are."""
        reach, count = self._handle_places.step, len(self.points)
        dx, dy = to[0] - self.points[place][0], to[1] - self.points[place][1]
        points = list(self.points)
        for away in range(1 - reach, reach):
            share = 0.5 + 0.5 * math.cos(math.pi * away / reach)
            index = (place + away) % count
            x, y = self.points[index]
            points[index] = (x + dx * share, y + dy * share)
        return replace(self, points=tuple(points))

    def moved(self, dx: float, dy: float, columns: int, rows: int) -> Shape:
        """Return the shape moved as far as it stays within an image of `columns` x `rows`."""
        left, top, right, bottom = self.bounds
        dx = min(max(dx, -left), columns - right)
        dy = min(max(dy, -top), rows - bottom)
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))

    def within(self, columns: int, rows: int) -> Shape:
        """Return the shape with every point brought into the image."""
        return replace(
            self,
            points=tuple(
                (min(max(x, 0.0), float(columns)), min(max(y, 0.0), float(rows)))
                for x, y in self.points
            ),
        )

    def snapped(self) -> Shape:
        """Return a rectangle with its corners on the edges of pixels; others as they are."""
        if self.kind != "rectangle":
            return self
        return replace(
            self, points=tuple((float(round(x)), float(round(y))) for x, y in self.points)
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to measure: a line without length, a region without area."""
        if self.kind == "probe":
            return False
        left, top, right, bottom = self.bounds
        if self.is_region:
            return right - left < 1 or bottom - top < 1
        if self.kind == "cobb":
            return self.points[0] == self.points[1] or self.points[2] == self.points[3]
        if self.kind == "angle":
            return self.points[1] in (self.points[0], self.points[2])
        return math.hypot(right - left, bottom - top) < 1e-9


def thinned(points: list[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """Return a stroke without points that repeat the last, evenly thinned to `most`."""
    kept: list[Point] = []
    for point in points:
        if not kept or point != kept[-1]:
            kept.append(point)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    step = math.ceil(len(kept) / most)
    return tuple(kept[:: max(step, 1)])

"""Lengths, angles and areas of shapes, on pixels that need not be square."""

from __future__ import annotations

import math

from viewer.metrics.measuring.scale import Scale
from viewer.metrics.measuring.shapes import Point, Shape


def length(first: Point, second: Point, scale: Scale) -> float:
    """Return the distance of two points in the unit of the scale."""
    return math.hypot((second[0] - first[0]) * scale.x, (second[1] - first[1]) * scale.y)


def angle(first: Point, vertex: Point, second: Point, scale: Scale) -> float:
    """Return the angle at a vertex in degrees, 0..180."""
    return _between(_arm(vertex, first, scale), _arm(vertex, second, scale))


def cobb_angle(shape: Shape, scale: Scale) -> float:
    """Return the angle between two lines in degrees, 0..90, whichever way they were drawn.

    J. R. Cobb, "Outline for the study of scoliosis", 1948: the angle between the lines along the
    end plates of the two end vertebrae, which need not meet within the picture.
    """
    a, b, c, d = shape.points
    found = _between(_arm(a, b, scale), _arm(c, d, scale))
    return min(found, 180 - found)


def area(shape: Shape, scale: Scale) -> float:
    """Return the area enclosed, in the square of the scale's unit; 0 for what encloses none."""
    left, top, right, bottom = shape.bounds
    box = (right - left) * (bottom - top)
    if shape.kind == "rectangle":
        pixels = box
    elif shape.kind == "ellipse":
        pixels = box * math.pi / 4
    elif shape.kind == "freehand":
        pixels = _polygon(shape.points)
    else:
        return 0.0
    return pixels * scale.x * scale.y


def perimeter(shape: Shape, scale: Scale) -> float:
    """Return the length of the outline; 0 for what encloses nothing."""
    left, top, right, bottom = shape.bounds
    if shape.kind == "rectangle":
        return 2 * ((right - left) * scale.x + (bottom - top) * scale.y)
    if shape.kind == "ellipse":
        # Ramanujan's second approximation, better than 1e-4 for any ellipse seen on an image.
        a, b = (right - left) * scale.x / 2, (bottom - top) * scale.y / 2
        if a + b == 0:
            return 0.0
        h = ((a - b) / (a + b)) ** 2
        return math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))
    if shape.kind == "freehand":
        points = shape.points
        return sum(length(points[i - 1], points[i], scale) for i in range(len(points)))
    return 0.0


def _arm(start: Point, end: Point, scale: Scale) -> Point:
    return (end[0] - start[0]) * scale.x, (end[1] - start[1]) * scale.y


def _between(u: Point, v: Point) -> float:
    cross, dot = u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]
    return math.degrees(math.atan2(abs(cross), dot)) if (cross or dot) else 0.0


def _polygon(points: tuple[Point, ...]) -> float:
    """Shoelace formula; where the outline crosses itself, parts count with opposite signs."""
    total = 0.0
    for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True):
        total += x0 * y1 - x1 * y0
    return abs(total) / 2

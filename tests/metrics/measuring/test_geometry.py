"""Lengths, angles and areas against values computed by hand, and properties."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import MeasureError
from viewer.images.radiograph import Header, Spacing
from viewer.metrics.measuring import geometry
from viewer.metrics.measuring.masks import covered, whole_windows
from viewer.metrics.measuring.scale import Scale, scale_of, value_unit
from viewer.metrics.measuring.shapes import Shape, thinned

PIXELS = Scale(1.0, 1.0, "px")
FINE = Scale(0.1, 0.2, "mm", "PixelSpacing")
place = st.tuples(st.floats(0, 200), st.floats(0, 150))


def header(spacing: Spacing | None = None, aspect: float = 1.0) -> Header:
    return Header(
        Path("x"), "PNG", 150, 200, 1, 1, 16, 12, False, "MONOCHROME2", "", spacing=spacing,
        aspect=aspect,
    )  # fmt: skip


def test_length_by_hand():
    assert geometry.length((0, 0), (3, 4), PIXELS) == 5
    # 30 columns of 0.1 mm and 20 rows of 0.2 mm: a right triangle of 3 and 4 mm.
    assert geometry.length((10, 10), (40, 30), FINE) == pytest.approx(5.0)


def test_angles_by_hand():
    assert geometry.angle((1, 0), (0, 0), (0, 1), PIXELS) == pytest.approx(90)
    assert geometry.angle((1, 0), (0, 0), (-1, 0), PIXELS) == pytest.approx(180)
    assert geometry.angle((1, 0), (0, 0), (1, 1), PIXELS) == pytest.approx(45)
    # Where rows lie twice as far apart, one column across and one row down is steeper.
    assert geometry.angle((1, 0), (0, 0), (1, 1), FINE) == pytest.approx(math.degrees(math.atan(2)))


def test_cobb_angle_does_not_depend_on_the_way_lines_are_drawn():
    upper, lower = ((0.0, 10.0), (100.0, 0.0)), ((0.0, 60.0), (100.0, 80.0))
    wanted = math.degrees(math.atan(0.1) + math.atan(0.2))
    for first in (upper, upper[::-1]):
        for second in (lower, lower[::-1]):
            shape = Shape("cobb", (*first, *second))
            assert geometry.cobb_angle(shape, PIXELS) == pytest.approx(wanted)


def test_areas_and_outlines_by_hand():
    rectangle = Shape("rectangle", ((50, 30), (10, 10)))
    assert geometry.area(rectangle, FINE) == pytest.approx(40 * 20 * 0.02)
    assert geometry.perimeter(rectangle, FINE) == pytest.approx(2 * (4 + 4))
    circle = Shape("ellipse", ((0, 0), (20, 20)))
    assert geometry.area(circle, PIXELS) == pytest.approx(math.pi * 100)
    assert geometry.perimeter(circle, PIXELS) == pytest.approx(math.pi * 20)
    triangle = Shape("freehand", ((0, 0), (30, 0), (0, 40)))
    assert geometry.area(triangle, PIXELS) == 600
    assert geometry.perimeter(triangle, PIXELS) == 120


@given(place, place, place, st.floats(-30, 30), st.floats(0.1, 5))
@settings(deadline=None, max_examples=60)
def test_moving_changes_nothing_and_scaling_what_it_must(a, b, c, shift, factor):
    moved = [(x + shift, y - shift) for x, y in (a, b, c)]
    assert geometry.length(*moved[:2], FINE) == pytest.approx(geometry.length(a, b, FINE), abs=1e-6)
    larger = Scale(FINE.x * factor, FINE.y * factor, "mm")
    assert geometry.length(a, b, larger) == pytest.approx(
        factor * geometry.length(a, b, FINE), abs=1e-6
    )
    found = geometry.angle(a, b, c, FINE)
    assert 0 <= found <= 180
    assert geometry.angle(c, b, a, FINE) == found


@given(place, place)
@settings(deadline=None, max_examples=60)
def test_a_mask_holds_about_the_area(a, b):
    for kind in ("rectangle", "ellipse"):
        shape = Shape(kind, (a, b))
        found = covered(shape, 200, 150)
        count = 0 if found is None else int(found.mask.sum())
        # A pixel more or less along the outline, no more.
        assert abs(count - geometry.area(shape, PIXELS)) <= geometry.perimeter(shape, PIXELS) + 4


def test_a_rectangle_on_pixel_edges_covers_exactly_its_pixels():
    found = covered(Shape("rectangle", ((10, 20), (15, 24))), 200, 150)
    assert found.box == (10, 20, 5, 4)
    assert found.mask.all()


def test_a_polygon_covers_the_pixels_whose_centre_lies_inside():
    points = ((3.2, 1.1), (17.9, 4.6), (12.4, 9.9), (16.0, 17.3), (2.5, 13.8), (7.7, 8.1))
    found = covered(Shape("freehand", points), 20, 20)
    wanted = np.zeros((20, 20), dtype=bool)
    for row in range(20):
        for column in range(20):
            x, y, inside = column + 0.5, row + 0.5, False
            for (xa, ya), (xb, yb) in zip(points, (*points[1:], points[0]), strict=True):
                if (ya > y) != (yb > y) and x < xa + (y - ya) * (xb - xa) / (yb - ya):
                    inside = not inside
            wanted[row, column] = inside
    x, y, width, height = found.box
    full = np.zeros_like(wanted)
    full[y : y + height, x : x + width] = found.mask
    assert np.array_equal(full, wanted)


def test_a_polygon_of_a_rectangle_is_the_rectangle():
    corners = ((10.0, 20.0), (60.0, 20.0), (60.0, 50.0), (10.0, 50.0))
    drawn = covered(Shape("freehand", corners), 200, 150)
    assert drawn.mask.all()
    assert drawn.box == (10, 20, 50, 30)


def test_what_lies_outside_is_not_covered():
    assert covered(Shape("rectangle", ((-50, -50), (-2, -2))), 200, 150) is None
    found = covered(Shape("rectangle", ((-5, -5), (5, 5))), 200, 150)
    assert found.box == (0, 0, 5, 5)


def test_windows_that_lie_wholly_inside():
    mask = np.ones((15, 13), dtype=bool)
    assert whole_windows(mask, 11).sum() == 5 * 3
    mask[0, 0] = False
    assert whole_windows(mask, 11).sum() == 5 * 3 - 1
    assert not whole_windows(mask[:10], 11).any()


def test_handles_move_corners():
    shape = Shape("rectangle", ((10, 20), (40, 60)))
    assert shape.handles == ((10, 20), (40, 20), (40, 60), (10, 60))
    for index in range(4):
        changed = shape.with_handle(index, (25.0, 30.0))
        corner = shape.handles[(index + 2) % 4]
        left, top, right, bottom = changed.bounds
        assert {corner[0], 25.0} == {left, right}
        assert {corner[1], 30.0} == {top, bottom}


def test_an_outline_is_bent_by_its_handles():
    count = 160
    circle = tuple(
        (50 + 30 * math.cos(2 * math.pi * i / count), 50 + 30 * math.sin(2 * math.pi * i / count))
        for i in range(count)
    )
    shape = Shape("freehand", circle)
    assert len(shape.handles) == 16
    x, y = shape.handles[0]
    bent = shape.with_handle(0, (x + 20, y))
    assert bent.handles[0] == (x + 20, y)
    assert bent.handles[1:] == shape.handles[1:]
    assert geometry.area(bent, PIXELS) > geometry.area(shape, PIXELS)
    moved = [b[0] - a[0] for a, b in zip(shape.points, bent.points, strict=True)]
    assert moved[:10] == sorted(moved[:10], reverse=True)
    assert sum(value > 1e-9 for value in moved) == 19
    corners = Shape("freehand", ((0, 0), (10, 0), (0, 10)))
    assert corners.with_handle(2, (0.0, 20.0)).points == ((0, 0), (10, 0), (0, 20))


def test_a_shape_stays_in_the_image():
    shape = Shape("length", ((10, 10), (20, 30)))
    assert shape.moved(-50, 500, 200, 150).bounds == (0, 130, 10, 150)


@pytest.mark.parametrize(
    ("kind", "count"), [("length", 1), ("angle", 2), ("freehand", 2), ("probe", 2), ("cube", 2)]
)
def test_wrong_points_are_refused(kind, count):
    with pytest.raises(MeasureError):
        Shape(kind, tuple((float(i), 0.0) for i in range(count)))


def test_places_that_are_none_are_refused():
    with pytest.raises(MeasureError):
        Shape("probe", ((math.nan, 0.0),))


def test_a_stroke_is_thinned():
    stroke = [(float(i // 2), 0.0) for i in range(20_000)]
    assert 3 <= len(thinned(stroke)) <= 4096
    assert thinned([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]) == ((0, 0), (1, 0), (1, 1))


@pytest.mark.parametrize(
    ("spacing", "unit", "says"),
    [
        (None, "px", "gives no spacing"),
        (Spacing(0.2, 0.1, "PixelSpacing"), "mm", "does not say in which plane"),
        (Spacing(0.2, 0.1, "ImagerPixelSpacing (at the detector)", "detector"), "mm", "magnified"),
        (Spacing(0.2, 0.1, "ImagerPixelSpacing / 1.5 (ERMF)", "patient"), "mm", "corrected"),
    ],
)
def test_the_scale_says_which_and_where(spacing, unit, says):
    scale = scale_of(header(spacing))
    assert scale.unit == unit
    assert says in scale.note
    if spacing is not None:
        assert (scale.x, scale.y) == (0.1, 0.2)
        assert spacing.source in scale.note


def test_pixels_that_are_not_square_are_honoured_without_spacing():
    scale = scale_of(header(aspect=2.0))
    assert geometry.length((0, 0), (0, 10), scale) == 20
    assert value_unit(header()) == "stored value"

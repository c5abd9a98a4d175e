"""Image pixels <-> screen pixels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.ui.geometry import LARGEST_SCALE, Geometry

sides = st.integers(1, 6000)
panes = st.integers(50, 3000)
ratios = st.sampled_from([1.0, 1.25, 1.5, 2.0])


@st.composite
def geometries(draw):
    centre = draw(st.none() | st.tuples(st.floats(0, 3000), st.floats(0, 3000)))
    scale = None if centre is None else draw(st.floats(0.02, 40))
    return Geometry(draw(sides), draw(sides), draw(st.sampled_from([1.0, 0.5, 1.7])), draw(panes),
                    draw(panes), draw(ratios), centre, scale)  # fmt: skip


@given(geometries(), st.floats(0, 500), st.floats(0, 500))
def test_there_and_back(geometry, x, y):
    across, down = geometry.to_screen(*geometry.to_image(x, y))
    assert across == pytest.approx(x, abs=1e-6)
    assert down == pytest.approx(y, abs=1e-6)


@given(sides, sides, panes, panes, st.sampled_from([1.0, 0.5, 2.0]))
def test_fit_shows_the_whole_image_and_touches_an_edge(columns, rows, width, height, aspect):
    geometry = Geometry(columns, rows, aspect, width, height)
    across, down = columns * geometry.scale_x, rows * geometry.scale_y
    assert across <= width + 1e-6
    assert down <= height + 1e-6
    assert across == pytest.approx(width) or down == pytest.approx(height)
    x0, y0, x1, y1 = geometry.device_rectangle()
    assert 0 <= x0 <= x1 <= width
    assert 0 <= y0 <= y1 <= height


@given(geometries(), st.floats(1.01, 3), st.floats(0, 400), st.floats(0, 400))
def test_zoom_keeps_the_point_under_the_mouse(geometry, factor, x, y):
    before = geometry.to_image(x, y)
    centre, scale = geometry.zoomed(factor, (x, y))
    after = Geometry(geometry.columns, geometry.rows, geometry.aspect, geometry.width,
                     geometry.height, geometry.ratio, centre, scale)  # fmt: skip
    assert after.scale_x <= LARGEST_SCALE
    inside = 0 < centre[0] < geometry.columns and 0 < centre[1] < geometry.rows
    if inside:
        # The origin lies on a device pixel: half of one is what may be missing.
        slack = 1 / geometry.ratio
        moved = after.to_screen(*before)
        assert moved[0] == pytest.approx(x, abs=slack + 1e-6)
        assert moved[1] == pytest.approx(y, abs=slack + 1e-6)


@given(geometries())
def test_actual_size_is_one_device_pixel(geometry):
    _, scale = geometry.actual_size((10, 10))
    assert scale * geometry.ratio == pytest.approx(1)


def test_pixels_beside_the_image_are_none():
    geometry = Geometry(100, 100, 1.0, 300, 100)
    assert geometry.pixel_at(5, 50) is None
    assert geometry.pixel_at(100, 0) == (0, 0)
    assert geometry.pixel_at(199.9, 99.9) == (99, 99)


def test_panning_cannot_lose_the_image():
    geometry = Geometry(100, 100, 1.0, 300, 300, 1.0, (50, 50), 2.0)
    centre, _ = geometry.panned(1e6, -1e6)
    assert centre == (0, 100)

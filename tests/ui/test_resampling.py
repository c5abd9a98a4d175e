"""Stored pixels at the resolution of the screen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.ui.geometry import Geometry
from viewer.ui.resampling import Pyramid


def geometry(pixels, width, height, centre=None, scale=None, ratio=1.0):
    return Geometry(pixels.shape[1], pixels.shape[0], 1.0, width, height, ratio, centre, scale)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.uint32])
def test_one_to_one_shows_the_stored_pixels_themselves(dtype):
    pixels = np.random.default_rng(1).integers(0, 120, (90, 70)).astype(dtype)
    view = geometry(pixels, 70, 90, (35.0, 45.0), 1.0)
    shown = Pyramid(pixels).visible(view)
    assert shown.dtype == pixels.dtype
    assert np.array_equal(shown, pixels)


@settings(max_examples=25)
@given(st.integers(1, 5), st.floats(0, 60), st.floats(0, 40))
def test_beyond_one_to_one_every_pixel_is_a_square_of_its_own(scale, x, y):
    pixels = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60)
    view = geometry(pixels, 50, 50, (x, y), float(scale))
    shown = Pyramid(pixels).visible(view)
    x0, y0, x1, y1 = view.device_rectangle()
    assert shown.shape == (y1 - y0, x1 - x0)
    for row in range(0, shown.shape[0], 7):
        for column in range(0, shown.shape[1], 7):
            pixel = view.pixel_at(x0 + column + 0.5, y0 + row + 0.5)
            assert shown[row, column] == pixels[pixel[1], pixel[0]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32])
@pytest.mark.parametrize("size", [37, 100, 333])
def test_zoomed_out_a_flat_image_stays_flat(dtype, size):
    pixels = np.full((777, 1003), 77, dtype=dtype)
    shown = Pyramid(pixels).visible(geometry(pixels, size, size))
    assert np.all(shown == 77)


def test_zoomed_out_does_not_alias():
    """A chequerboard of single pixels is an even grey from a distance, not a pattern."""
    rows, columns = np.indices((1024, 1024))
    pixels = (((rows + columns) % 2) * 1000).astype(np.uint16)
    shown = Pyramid(pixels).visible(geometry(pixels, 211, 211)).astype(int)
    assert np.all(np.abs(shown - 500) <= 2)


def test_zoomed_out_keeps_its_place():
    """A ramp stays where it is: no half pixel is lost on the way down the levels."""
    pixels = np.tile(np.arange(0, 4000, 2, dtype=np.uint16), (50, 1))
    view = geometry(pixels, 173, 173)
    shown = Pyramid(pixels).visible(view)
    x0, _, x1, _ = view.device_rectangle()
    middles = (np.arange(x0, x1) + 0.5) / view.scale_x
    inside = slice(3, -3)
    assert np.allclose(shown[shown.shape[0] // 2][inside], (2 * middles - 1)[inside], atol=2.5)


def test_levels_are_never_coarser_than_the_screen():
    pixels = np.zeros((2000, 2000), dtype=np.uint16)
    pyramid = Pyramid(pixels)
    for scale in (0.9, 0.51, 0.5, 0.26, 0.13, 0.01):
        level = pyramid.level_for(scale)
        assert level.shape[0] >= 2000 * scale * 0.98
        assert level.shape[0] < 2000 * scale * 2.1 or level is pixels


def test_colour_and_tiny_images():
    colour = np.random.default_rng(2).integers(0, 255, (60, 50, 3)).astype(np.uint8)
    assert Pyramid(colour).visible(geometry(colour, 20, 20)).shape[2] == 3
    dot = np.array([[7]], dtype=np.uint16)
    assert np.all(Pyramid(dot).visible(geometry(dot, 30, 20)) == 7)

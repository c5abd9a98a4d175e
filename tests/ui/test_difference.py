"""What the difference pane shows, and that zooming out hides nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.ui.colour_maps import BELOW, BEYOND, absolute_map, heat_map, signed_map
from viewer.ui.difference import DifferenceMap, coloured, relative_parts, value_parts
from viewer.ui.geometry import Geometry


def mapped(original, changed, peak):
    return DifferenceMap(*value_parts(original, changed), peak)


def pair(dtype=np.uint16, shape=(120, 100), peak=4095, spread=40):
    rng = np.random.default_rng(3)
    low = 200 if np.issubdtype(dtype, np.unsignedinteger) else -200
    original = rng.integers(low, low + 50, shape).astype(dtype)
    changed = (original.astype(int) + rng.integers(-spread, spread + 1, shape)).astype(dtype)
    return original, changed, peak


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32])
def test_one_to_one_is_the_difference_itself(dtype):
    original, changed, peak = pair(dtype, spread=5)
    view = Geometry(100, 120, 1.0, 100, 120, 1.0, (50.0, 60.0), 1.0)
    shown = mapped(original, changed, peak).visible(view)
    assert np.array_equal(shown, changed.astype(int) - original.astype(int))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 119), st.integers(0, 99), st.integers(12, 99), st.sampled_from([-900, 900]))
def test_a_single_wrong_pixel_is_seen_at_any_zoom(row, column, side, error):
    original = np.full((120, 100), 1000, dtype=np.uint16)
    changed = original.copy()
    changed[row, column] = 1000 + error
    view = Geometry(100, 120, 1.0, side, side)
    shown = mapped(original, changed, 4095).visible(view)
    assert error in shown


def test_gain_is_the_power_of_two_that_shows_the_percentile():
    original, changed, peak = pair()
    found = mapped(original, changed, peak)
    seen = np.percentile(np.abs(changed.astype(int) - original), 99.9, method="lower")
    assert abs(found.seen - seen) <= 1
    assert found.seen * found.first_gain <= peak < found.seen * found.first_gain * 2
    assert found.largest == np.abs(changed.astype(int) - original).max()


def test_identical_pictures():
    original, _, peak = pair()
    same = mapped(original, original.copy(), peak)
    assert same.identical
    assert same.first_gain == 1


def test_errors_rarer_than_the_percentile_still_set_a_gain():
    original = np.zeros((200, 200), dtype=np.uint16)
    changed = original.copy()
    changed[5, 5] = 16
    found = mapped(original, changed, 1023)
    assert not found.identical
    assert found.first_gain == 32


def test_colour_takes_the_strongest_sample():
    original = np.zeros((4, 4, 3), dtype=np.uint8)
    changed = original.copy()
    changed[1, 2] = (3, 9, 1)
    view = Geometry(4, 4, 1.0, 4, 4, 1.0, (2.0, 2.0), 1.0)
    assert mapped(original, changed, 255).visible(view)[1, 2] == 9


def test_colours_are_symmetric_and_what_lies_beyond_is_marked():
    errors = np.array([[-513, -512, -511, -64, 0, 64, 511, 512, 513, 9000, -9000]], dtype=np.int32)
    index = coloured(errors, 4096, 8, True)[0].astype(int)
    assert index[4] == 128
    assert index[3] - 128 == 128 - index[5]
    assert list(index[[1, 7]]) == [2, 254]
    assert list(index[[0, 8, 9, 10]]) == [1, 255, 255, 1]
    sizes = coloured(errors, 4096, 8, False)[0]
    assert sizes[4] == 0
    assert sizes[1] == sizes[7] == 254
    assert set(sizes[[0, 8, 9, 10]]) == {255}
    for colours in (signed_map(), absolute_map(), heat_map()):
        scale = colours[2:255].astype(int)
        assert tuple(colours[255]) == BEYOND
        # No colour of the scale comes near the mark.
        assert np.abs(scale - BEYOND).sum(axis=1).min() > 100
    assert tuple(signed_map()[1]) == BELOW
    assert np.abs(signed_map()[2:255].astype(int) - BELOW).sum(axis=1).min() > 100


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16, np.int16]))
def test_relative_errors_are_parts_of_the_value(seed, dtype):
    rng = np.random.default_rng(seed)
    info = np.iinfo(dtype)
    low, peak = (info.min, 65535) if dtype == np.int16 else (0, info.max)
    original = rng.integers(info.min, info.max, (20, 30), endpoint=True).astype(dtype)
    changed = rng.integers(info.min, info.max, (20, 30), endpoint=True).astype(dtype)
    higher, lower = relative_parts(original, changed, low, peak)
    error = changed.astype(float) - original
    value = np.maximum(original.astype(float) - low, 0.01 * peak)
    expected = np.minimum(np.abs(error) / value, 1)
    got = np.maximum(higher, lower) / 65535
    assert np.allclose(got, expected, atol=1e-4)
    assert not (lower[error > 0]).any()
    assert not (higher[error < 0]).any()


def lightness(colours):
    """CIE L* of sRGB, computed apart from the module that made the colours."""
    linear = colours / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def test_colour_maps_are_even_in_lightness():
    for colours, sides in ((signed_map(), (slice(128, 255), slice(128, 1, -1))),
                           (absolute_map(), (slice(0, 255),)),
                           (heat_map(), (slice(0, 255),))):  # fmt: skip
        for side in sides:
            steps = np.diff(lightness(colours[side].astype(float)))
            assert np.all(steps > -0.6)
            assert steps.mean() > 0.2
            blocks = steps[: len(steps) // 9 * 9].reshape(9, -1).sum(axis=1)
            assert blocks.max() < 2.2 * blocks.min()
    below, above = (
        lightness(signed_map()[2].astype(float)),
        lightness(signed_map()[254].astype(float)),
    )
    assert abs(below - above) < 5

"""What the difference pane shows, and that zooming out hides nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.metrics.errors import maximum_error
from viewer.ui.colour_maps import absolute_map, signed_map
from viewer.ui.difference import DifferenceMap, coloured
from viewer.ui.geometry import Geometry


def mapped(original, changed, peak):
    return DifferenceMap(original, changed, peak, maximum_error(original, changed))


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


def test_colours_are_symmetric_and_end_at_the_peak_over_gain():
    errors = np.array([[-512, -511, -64, 0, 64, 511, 512, 9000, -9000]], dtype=np.int32)
    index = coloured(errors, 4096, 8, True)[0].astype(int) - 128
    assert index[3] == 0
    assert index[2] == -index[4]
    assert index[0] == -127
    assert index[6] == index[7] == 127
    sizes = coloured(errors, 4096, 8, False)[0]
    assert sizes[3] == 0
    assert sizes[7] == sizes[8] == sizes[6] == 255


def lightness(colours):
    """CIE L* of sRGB, computed apart from the module that made the colours."""
    linear = colours / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def test_colour_maps_are_even_in_lightness():
    for colours, sides in ((signed_map(), (slice(128, None), slice(128, 0, -1))),
                           (absolute_map(), (slice(None),))):  # fmt: skip
        for side in sides:
            steps = np.diff(lightness(colours[side].astype(float)))
            assert np.all(steps > -0.6)
            assert steps.mean() > 0.2
            blocks = steps[: len(steps) // 9 * 9].reshape(9, -1).sum(axis=1)
            assert blocks.max() < 2.2 * blocks.min()
    below, above = (
        lightness(signed_map()[1].astype(float)),
        lightness(signed_map()[255].astype(float)),
    )
    assert abs(below - above) < 5

"""Pictures spoiled several ways at once: what is asked for, and nothing beyond the range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import Cancelled
from viewer.evaluation.perturbations import perturb
from viewer.evaluation.spoiling import Spoiling, spoil
from viewer.images.pixel_format import PixelFormat
from viewer.progress import CancelToken

TWELVE = PixelFormat(12)


def ramp(kind=np.uint16) -> np.ndarray:
    y, x = np.mgrid[:90, :120]
    return (300 + 12 * x + 9 * y).astype(kind)


@settings(max_examples=25, deadline=None)
@given(
    noise=st.floats(0, 0.3), pepper=st.floats(0, 0.3), blocks=st.integers(0, 40),
    swirl=st.floats(0, 6), blur=st.floats(0, 12), gamma=st.floats(0.25, 4), seed=st.integers(0, 9),
)  # fmt: skip
def test_whatever_is_asked_for_keeps_range_type_and_chance(
    noise, pepper, blocks, swirl, blur, gamma, seed
):
    pixels = ramp()
    spoiling = Spoiling(noise, pepper, blocks, swirl, blur, gamma, seed)
    found = spoil(pixels, TWELVE, spoiling)
    assert found.dtype == pixels.dtype
    assert found.shape == pixels.shape
    assert found.min() >= pixels.min()
    assert found.max() <= pixels.max()
    assert np.array_equal(found, spoil(pixels, TWELVE, spoiling))
    assert np.array_equal(pixels, ramp())


def test_nothing_asked_for_changes_nothing():
    assert not Spoiling()
    assert not Spoiling(seed=4)
    assert np.array_equal(spoil(ramp(), TWELVE, Spoiling()), ramp())


def test_salt_and_pepper_hit_as_many_pixels_as_asked_half_of_each():
    pixels = np.full((400, 400), 2000, np.uint16)
    pixels[0, :2] = 0, 4000
    found = perturb(pixels, TWELVE, "pepper", 0.1)[1:]
    assert np.mean(found == 0) == pytest.approx(0.05, abs=0.005)
    assert np.mean(found == 4000) == pytest.approx(0.05, abs=0.005)
    assert np.mean(found == 2000) == pytest.approx(0.9, abs=0.01)


def test_gamma_bends_the_range_and_keeps_its_ends():
    pixels = np.linspace(-1000, 1000, 201).astype(np.int16)[None].repeat(3, 0)
    found = perturb(pixels, PixelFormat(12, True), "gamma", 2.0)
    assert found[0, 0] == -1000
    assert found[0, -1] == 1000
    assert found[0, 100] == -500
    flat = np.full((4, 4), 7, np.uint8)
    assert np.array_equal(perturb(flat, PixelFormat(8), "gamma", 2.0), flat)


def test_several_kinds_are_applied_and_told_in_one_order():
    spoiling = Spoiling(noise=0.05, blur=2.5, gamma=0.5)
    assert spoiling.kinds == ("gamma", "blur", "noise")
    assert spoiling.text == "gamma 0.5, blur 2.5 px/1000, noise 5 %"
    by_hand = ramp()
    for kind in spoiling.kinds:
        by_hand = perturb(by_hand, TWELVE, kind, spoiling.strength(kind))
    assert np.array_equal(spoil(ramp(), TWELVE, spoiling), by_hand)


def test_colour_planes_are_hit_at_the_same_places():
    colour = np.stack([ramp(np.uint16)] * 3, -1)
    found = spoil(colour, TWELVE, Spoiling(blocks=5, pepper=0.1))
    assert np.array_equal(found[..., 0], found[..., 1])
    assert np.array_equal(found[..., 0], found[..., 2])


def test_it_can_be_stopped():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        spoil(ramp(), TWELVE, Spoiling(noise=0.1), cancel=token)

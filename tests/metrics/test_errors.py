"""Errors, checked against Python's own whole numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.errors import MeasureError
from viewer.metrics import errors

TYPES = ["uint8", "uint16", "int16", "uint32", "int32"]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[NDArray, NDArray]:
    dtype = draw(st.sampled_from(TYPES))
    shape: tuple[int, ...] = (draw(st.integers(1, 12)), draw(st.integers(1, 12)))
    if draw(st.booleans()):
        shape = (*shape, 3)
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        first, second = rng.integers(limits.min, limits.max, (2, *shape), endpoint=True)
    else:
        extremes = np.array([limits.min, limits.max])
        first, second = extremes[rng.integers(0, 2, (2, *shape))]
    return first.astype(dtype), second.astype(dtype)


@settings(deadline=None)
@given(pairs())
def test_against_whole_numbers(pair: tuple[NDArray, NDArray]) -> None:
    first, second = pair
    deltas = [int(b) - int(a) for a, b in zip(first.flat, second.flat, strict=True)]
    squares = sum(delta * delta for delta in deltas)
    assert errors.mean_squared_error(first, second) == pytest.approx(
        squares / len(deltas), rel=1e-12
    )
    assert errors.maximum_error(first, second) == max(map(abs, deltas))
    clipped = [min(max(delta, -(2**31)), 2**31 - 1) for delta in deltas]
    difference = errors.difference(first, second)
    assert difference.dtype == np.int32
    assert difference.shape == first.shape
    assert difference.ravel().tolist() == clipped
    peak = 4095
    expected = 10 * math.log10(peak**2 * len(deltas) / squares) if squares else math.inf
    assert errors.psnr(first, second, peak) == pytest.approx(expected, abs=1e-9)


def test_identical_is_infinite() -> None:
    picture = np.arange(12, dtype=np.int16).reshape(3, 4)
    assert errors.psnr(picture, picture.copy(), 255) == math.inf
    assert errors.maximum_error(picture, picture) == 0


def test_the_peak_is_that_of_the_stored_bits() -> None:
    first = np.zeros((10, 10), np.uint16)
    second = first + 1
    assert errors.psnr(first, second, 1023) == pytest.approx(20 * math.log10(1023))
    assert errors.psnr(first, second, 32767) == pytest.approx(20 * math.log10(32767))


def test_pictures_longer_than_a_strip() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 65536, (1300, 1701)).astype(np.uint16)
    second = rng.integers(0, 65536, first.shape).astype(np.uint16)
    delta = first.astype(np.float64) - second
    assert errors.mean_squared_error(first, second) == pytest.approx(
        float(np.mean(delta**2)), rel=1e-12
    )
    assert errors.maximum_error(first, second) == int(np.abs(delta).max())


def test_views_that_are_not_contiguous() -> None:
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4096, (40, 50)).astype(np.uint16)
    second = rng.integers(0, 4096, (40, 50)).astype(np.uint16)
    cut = (slice(3, 31, 2), slice(40, 5, -3))
    assert errors.mean_squared_error(first[cut], second[cut]) == errors.mean_squared_error(
        first[cut].copy(), second[cut].copy()
    )


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8), "3 x 4 and 4 x 3"),
        (np.zeros((0, 4), np.uint8), np.zeros((0, 4), np.uint8), "shape"),
        (np.zeros(4, np.uint8), np.zeros(4, np.uint8), "shape"),
        (np.zeros((3, 4)), np.zeros((3, 4)), "float64"),
    ],
)
def test_what_cannot_be_measured_is_named(first: NDArray, second: NDArray, text: str) -> None:
    for measure in (errors.mean_squared_error, errors.maximum_error, errors.difference):
        with pytest.raises(MeasureError, match=text):
            measure(first, second)

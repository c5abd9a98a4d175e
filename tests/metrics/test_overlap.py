"""Intersection over union of classes and of their boundaries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from viewer.errors import MeasureError
from viewer.metrics.overlap import Boundaries, band_width, boundary_counts, overlap_counts


def square(top: int, left: int, side: int = 40) -> np.ndarray:
    labels = np.zeros((100, 120), np.uint8)
    labels[top : top + side, left : left + side] = 1
    return labels


def test_counts_are_those_of_sets() -> None:
    rng = np.random.default_rng(0)
    found, truth = rng.integers(0, 3, (2, 50, 60)).astype(np.uint8)
    for number, (both, either) in enumerate(overlap_counts(found, truth, 4)):
        a, b = found == number, truth == number
        assert both == (a & b).sum()
        assert either == (a | b).sum()


def test_bands_follow_the_definition() -> None:
    found, truth = square(20, 30), square(23, 31)
    for width in (1.0, 3.0, 7.5):
        inside = [ndimage.distance_transform_edt(x) for x in (found, truth)]
        bands = [(d > 0) & (d <= width) for d in inside]
        both, either = boundary_counts(Boundaries(found, 2), Boundaries(truth, 2), width)[1]
        assert both == (bands[0] & bands[1]).sum()
        assert either == (bands[0] | bands[1]).sum()


def test_a_shift_costs_the_boundary_more_than_the_class() -> None:
    found, truth = square(20, 30), square(22, 30)
    whole = overlap_counts(found, truth, 2)[1]
    near = boundary_counts(Boundaries(found, 2), Boundaries(truth, 2), 3.0)[1]
    assert near[0] / near[1] < whole[0] / whole[1] - 0.3


def test_what_is_the_same_is_one_and_what_is_missing_is_zero() -> None:
    truth = square(20, 30, 4)
    assert overlap_counts(truth, truth, 2)[1, 0] == overlap_counts(truth, truth, 2)[1, 1] == 16
    assert boundary_counts(Boundaries(truth, 2), Boundaries(truth, 2), 50.0)[1].tolist() == [16, 16]
    assert boundary_counts(Boundaries(truth * 0, 2), Boundaries(truth, 2), 50.0)[1].tolist() == [
        0,
        16,
    ]
    assert overlap_counts(truth * 0, truth * 0, 3)[2].tolist() == [0, 0]


def test_one_percent_of_the_diagonal() -> None:
    assert band_width((300, 400)) == 5.0
    assert band_width((10, 10)) == 1.0


def test_other_shapes_are_refused() -> None:
    with pytest.raises(MeasureError):
        overlap_counts(square(1, 1), square(1, 1)[1:], 2)
    with pytest.raises(MeasureError):
        boundary_counts(Boundaries(square(1, 1), 2), Boundaries(square(1, 1)[1:], 2), 3.0)
    with pytest.raises(MeasureError):
        Boundaries(np.zeros((2, 3, 4), np.uint8), 2)

"""Distances of clouds of features, against what is known of Gaussians."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viewer.errors import Cancelled, MeasureError
from viewer.evaluation.feature_store import FeatureStore
from viewer.evaluation.frechet import (
    FeatureRows,
    Moments,
    frechet_distance,
    frechet_of_few,
    kernel_distance,
)
from viewer.evaluation.patches import SIDE, cut, in_eight_bits, positions
from viewer.images.pixel_format import PixelFormat
from viewer.progress import CancelToken


def _moments(features: np.ndarray, block: int) -> Moments:
    found = Moments(features.shape[1])
    for start in range(0, len(features), block):
        found.add(features[start : start + block])
    return found


def test_moments_in_blocks_are_those_of_all_at_once() -> None:
    features = np.random.default_rng(0).normal(3, 2, (501, 7)).astype(np.float32)
    found = _moments(features, 64)
    np.testing.assert_allclose(found.mean, features.mean(0, dtype=np.float64), rtol=1e-6)
    np.testing.assert_allclose(found.covariance, np.cov(features.astype(float).T), rtol=1e-6)


def test_gaussians_with_diagonal_covariances() -> None:
    """|m1 - m2|^2 + sum (s1 - s2)^2, exactly, for samples whitened to these very moments."""
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(400, 4))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    one = white * np.array([1.0, 2.0, 0.5, 3.0]) + np.array([0, 1, 2, 3])
    other = white * np.array([2.0, 2.0, 1.0, 1.0]) + np.array([1, 1, 0, 3])
    expected = (1 + 4) + (1 + 0 + 0.25 + 4)
    assert frechet_distance(_moments(one, 90), _moments(other, 90)) == pytest.approx(expected)


def test_gaussians_that_do_not_commute() -> None:
    """Against the closed form for two dimensions: tr (C1 C2)^(1/2) = (tr + 2 det^(1/2))^(1/2)."""
    rng = np.random.default_rng(2)
    one = rng.normal(size=(300, 2)) @ np.array([[2.0, 0.3], [0.0, 0.7]])
    other = rng.normal(size=(300, 2)) @ np.array([[0.5, -0.9], [1.1, 1.0]]) + 0.2
    c1, c2 = np.cov(one.T), np.cov(other.T)
    root = np.sqrt(np.trace(c1 @ c2) + 2 * np.sqrt(np.linalg.det(c1) * np.linalg.det(c2)))
    expected = ((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(c1 + c2) - 2 * root
    assert frechet_distance(_moments(one, 300), _moments(other, 7)) == pytest.approx(expected)


def test_equal_and_singular_clouds() -> None:
    features = np.random.default_rng(3).normal(size=(20, 50))
    cloud = _moments(features, 20)
    assert frechet_distance(cloud, cloud) == pytest.approx(0, abs=1e-5)
    with pytest.raises(MeasureError):
        frechet_distance(cloud, Moments(50))


def test_rows_of_blocks_are_those_of_one_table() -> None:
    table = np.random.default_rng(5).normal(size=(31, 3)).astype(np.float32)
    rows = FeatureRows([table[:4], table[4:5], table[5:]])
    assert len(rows) == 31
    wanted = np.array([30, 0, 4, 4, 3, 5])
    np.testing.assert_array_equal(rows.rows(wanted), table[wanted])


def test_kernel_distance_is_unbiased() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.normal(size=(2, 3000, 16))
    alike = kernel_distance(
        FeatureRows([one[:7], one[7:]]), FeatureRows([other]), subsets=60, size=300
    )
    assert abs(alike.mean) < 3 * alike.deviation / np.sqrt(60) + 0.01
    far = kernel_distance(FeatureRows([one]), FeatureRows([other + 0.5]), subsets=20, size=300)
    assert far.mean > 10 * alike.deviation
    # The same rows on both sides: a pair never meets itself, so nothing pulls it below zero.
    same = kernel_distance(FeatureRows([one]), FeatureRows([one]), subsets=60, size=300)
    assert abs(same.mean) < 3 * alike.deviation / np.sqrt(60) + 0.01


def test_kernel_distance_of_four_points_by_hand() -> None:
    x = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = kernel_distance(
        FeatureRows([np.repeat(x, 2, 0)]),
        FeatureRows([np.zeros((4, 2))]),
        subsets=200,
        size=2,
        seed=1,
    )
    # k(x, y) = 1 for zero y; k(x, x') is 1 or (1/2 + 1)^3, k of zeros 1: 2 MMD is 0 or 2.375.
    assert found.size == 2
    assert found.mean == pytest.approx((1.5**3 - 1) / 3, abs=0.2)


@pytest.mark.parametrize(
    ("rows", "columns", "count"), [(299, 299, 1), (305, 400, 40), (1024, 1024, 250)]
)
def test_places_of_patches(rows: int, columns: int, count: int) -> None:
    corners = positions(rows, columns, count, 5)
    assert len({tuple(c) for c in corners}) == count
    assert (corners >= 0).all()
    assert (corners[:, 0] <= rows - SIDE).all()
    assert (corners[:, 1] <= columns - SIDE).all()
    np.testing.assert_array_equal(corners, positions(rows, columns, count, 5))
    patches = cut(np.zeros((rows, columns), np.uint8), corners)
    assert patches.shape == (count, SIDE, SIDE)


def test_pictures_that_are_too_small() -> None:
    with pytest.raises(MeasureError):
        positions(298, 1000, 1, 0)
    with pytest.raises(MeasureError):
        positions(300, 300, 5, 0)


def test_eight_bits_of_deeper_pictures() -> None:
    original = np.array([[100, 1100]], np.uint16)
    back = np.array([[90, 600]], np.uint16)
    np.testing.assert_array_equal(in_eight_bits(back, original, PixelFormat(12)), [[0, 128]])
    eight = np.array([[3, 200]], np.uint8)
    np.testing.assert_array_equal(in_eight_bits(eight, eight, PixelFormat(8)), eight)


def test_features_are_kept_and_a_stop_loses_one_picture_at_most(tmp_path: Path) -> None:
    loads = []

    def load():  # type: ignore[no-untyped-def]
        loads.append(1)
        return lambda patches: patches.reshape(len(patches), -1)[:, :3].astype(np.float32)

    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 320, 320), dtype=np.uint8)
    corners = positions(320, 320, 60, 0)
    store = FeatureStore(tmp_path, "net", load)
    found = store.features(first, corners)
    stop = CancelToken()
    with pytest.raises(Cancelled):
        store.features(second, corners, progress=lambda *_: stop.cancel(), cancel=stop)
    again = FeatureStore(tmp_path, "net", load)
    np.testing.assert_array_equal(again.features(first, corners), found)
    assert len(loads) == 1
    (kept,) = tmp_path.glob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-7])
    np.testing.assert_array_equal(again.features(first, corners), found)
    assert len(loads) == 2


def test_few_features_give_the_same_distance() -> None:
    """From singular values of the features, and from covariances with more rows than columns."""
    rng = np.random.default_rng(5)
    one = rng.normal(0, 1, (12, 40))
    other = rng.normal(0.3, 2, (9, 40)) @ rng.normal(0, 0.3, (40, 40))
    moments = _moments(one, 5), _moments(other, 5)
    assert frechet_of_few(one, other) == pytest.approx(frechet_distance(*moments), rel=1e-6)
    assert frechet_of_few(one, one) == pytest.approx(0, abs=1e-9)
    # Two points each on one axis: variances 2 and 8, means 1 apart: 1 + (sqrt 8 - sqrt 2)^2.
    line = np.array([[-1.0], [1.0]])
    assert frechet_of_few(line, 2 * line + 1) == pytest.approx(3)
    with pytest.raises(MeasureError):
        frechet_of_few(one[:1], other)

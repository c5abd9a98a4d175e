"""The integer transform: lossless by itself, close to the one that trains, its steps right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.vqvae2 import edges, grid, steps, wavelet
from viewer.codecs.vqvae2.features import CodePlanes, busyness, companding_table
from viewer.networks import vqvae2_wavelet as trained
from viewer.networks.vqvae2_prior import BAND_OF, compand
from viewer.networks.vqvae2_prior import window_sums as trained_sums


@given(st.integers(0, 2**32 - 1), st.sampled_from([(8, 8), (16, 64), (128, 32)]))
@settings(max_examples=20, deadline=None)
def test_without_quantising_nothing_is_lost(seed: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    picture = torch.from_numpy(rng.integers(-(1 << 22), 1 << 22, shape).astype(np.float64))
    low, details = wavelet.analyse(picture)
    assert torch.equal(wavelet.synthesise(low, details), picture)
    assert all(torch.equal(band, band.floor()) for band in (low, *details))


def test_the_integer_transform_is_the_one_that_trains() -> None:
    picture = torch.from_numpy(np.random.default_rng(0).integers(0, 65536, (64, 96)) * 64.0)
    low, details = wavelet.analyse(picture)
    low_f, details_f = trained.analyse(picture[None, None])
    assert float((low_f[0, 0] - low).abs().max()) < 8
    for band, other in zip(details, details_f, strict=True):
        assert float((other[0, 0] - band).abs().max()) < 8


def test_grid_and_bands() -> None:
    _, details = wavelet.analyse(torch.randn(64, 96, dtype=torch.float64).mul(99).round())
    bands = [band.numpy() for band in details]
    on_grid = grid.to_grid(bands)
    assert on_grid.shape == (12, 16, 24)
    reference = trained.to_grid([band[None, None] for band in details])[0].numpy()
    np.testing.assert_array_equal(on_grid, reference)
    for band, back in zip(bands, grid.from_grid(on_grid), strict=True):
        np.testing.assert_array_equal(band, back)


def test_steps_follow_the_norms() -> None:
    lows, details = trained.measure_norms(steps.LEVELS)
    assert [round(65536 * n) for n in lows] == list(steps.LOW_NORMS)
    base = steps.base_step(1200)
    for level, norms in enumerate(details):
        for band, norm in enumerate(norms):
            step = steps.detail_steps(1200)[level][band]
            assert step == pytest.approx(base / norm, rel=4e-5)


def test_base_steps_are_the_nearest_integers() -> None:
    # Decided without floating point: n is nearest when (2n - 1)^64 <= 2^64 * v^64 < (2n + 1)^64.
    for j in range(steps.PER_OCTAVE):
        n = steps._MANTISSAS[j]
        target = 2 ** (31 * 64 + j)
        assert (2 * n - 1) ** 64 <= target < (2 * n + 1) ** 64
    assert all(
        steps.base_step(i + 64) == pytest.approx(2 * steps.base_step(i), abs=1) for i in (0, 9)
    )
    assert steps.nearest_index(steps.step_value(777)) == 777


def test_companding_agrees_with_training_and_is_exact() -> None:
    table = companding_table()
    eighths = torch.arange(0, 3000)
    trained_as = (compand(eighths / 8) * 16).numpy()
    assert np.abs(table[:3000] - trained_as).max() <= 1
    assert (table[:3000] == trained_as).mean() > 0.999
    assert table[8] == 16
    assert table[-1] == 255


def test_codes_make_planes_without_signs() -> None:
    codes = np.array([[[0, 1, -1, 200], [-255, 256, -70000, 2**27]]], np.int32)
    planes = CodePlanes.of(codes)
    table = companding_table()
    sizes = table[np.minimum(np.abs(codes).astype(np.int64) * 8, len(table) - 1)]
    np.testing.assert_array_equal(planes.above, np.where(codes > 0, sizes, 0))
    np.testing.assert_array_equal(planes.below, np.where(codes < 0, sizes, 0))
    np.testing.assert_array_equal(planes.sizes, np.minimum(np.abs(codes), 255))


def test_window_sums_are_those_that_train() -> None:
    values = np.random.default_rng(2).integers(0, 1021, (3, 19, 30)).astype(np.uint16)
    values[0] = 1020
    expected = trained_sums(torch.from_numpy(values.astype(np.float32))[None])[0].numpy()
    companded = companding_table()[expected.astype(np.intp)]
    np.testing.assert_array_equal(busyness(values), companded)
    np.testing.assert_array_equal(busyness(values, 5, 11), companded[:, 5:11])


def test_band_of_matches_the_grid() -> None:
    assert len(BAND_OF) == grid.CHANNELS
    for channel, band in enumerate(BAND_OF):
        rows, columns = grid.band_shape(band, 4, 6)
        assert np.zeros((rows, columns))[grid.places(channel)].shape == (4, 6)


def test_edge_gains_are_found_and_undone() -> None:
    rng = np.random.default_rng(1)
    inside = 100 + 50 * rng.random((40, 60)).cumsum(1)
    inside[0], inside[:, -1] = inside[1] * 0.5, inside[:, -2] * 0.54
    pixels = inside.astype(np.uint16)
    pixels[1] = pixels[2]
    gains = edges.measure(pixels)
    assert gains[edges.LINES * 0] != edges.UNITY
    assert gains[edges.LINES * 3] != edges.UNITY
    picture = torch.from_numpy(pixels.astype(np.float64) * 64)
    edges.remove(picture, gains, *pixels.shape)
    edges.restore(picture, gains, *pixels.shape)
    assert float((picture / 64 - torch.from_numpy(pixels.astype(np.float64))).abs().max()) < 0.1
    assert edges.measure(np.zeros((64, 64), np.uint8)) == edges.NONE

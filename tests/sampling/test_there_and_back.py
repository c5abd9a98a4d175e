"""Sampling and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import Cancelled, SamplingError
from viewer.progress import CancelToken
from viewer.sampling import samplers
from viewer.sampling.density import grid_of_density
from viewer.sampling.edge_energy import edge_grid
from viewer.sampling.grid import Grid, cell_areas, uniform_grid
from viewer.sampling.pyramid import build_pyramid, sample, sample_labels
from viewer.sampling.restoring import locate, magnification, restore

SETTINGS = settings(deadline=None, max_examples=20)


def peaky(seed: int, size: tuple[int, int], width: float = 0.15) -> Grid:
    rng = np.random.default_rng(seed)
    return grid_of_density(np.exp(3 * rng.normal(size=(32, 32))), size, width)


@SETTINGS
@given(
    st.integers(2, 40),
    st.integers(2, 40),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(0, 2**32 - 1),
)
def test_what_is_linear_comes_back_everywhere(
    h: int, w: int, rows: int, columns: int, seed: int
) -> None:
    """No holes, no overlaps at wrong places: every pixel gets the plane's value at its centre."""
    grid = peaky(seed, (h, w))
    back = restore(grid @ np.array([3.0, -7.0]), grid, (rows, columns))
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    np.testing.assert_allclose(back, 3 * x - 7 * y, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_every_pixel_is_written(seed: int) -> None:
    grid = peaky(seed, (64, 64), 0.08)
    found = np.full((2, 301, 257), np.nan, np.float32)
    from viewer.sampling.restoring import _Triangles

    _Triangles.of(grid, (301, 257)).fill(found, 0, 301)
    assert bool(np.isfinite(found).all())


def smooth_picture(side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] / side
    return 100 + 40 * np.sin(3 * x + 1) * np.cos(2 * y) + 30 * np.exp(-9 * ((x - 0.4) ** 2 + y**2))


@pytest.mark.parametrize("averaged", [True, False])
@pytest.mark.parametrize("size", [64, 96, 128])
def test_a_smooth_picture_errs_one_percent_more_than_uniform_at_most(
    size: int, averaged: bool
) -> None:
    """In shares of the picture's range, over an anatomy-like density and edges."""
    picture = smooth_picture(500)
    labels = np.zeros((500, 500), np.uint8)
    labels[100:400, 90:220] = 1
    labels[120:400, 280:420] = 1
    labels[200:215, 150:165] = 2
    edges = np.zeros((64, 64))
    edges[13:52, [11, 28, 36, 54]] = edges[26, 20] = 1
    grids = [edge_grid(labels, (size, size)), grid_of_density(edges, (size, size), 0.1)]

    def error(grid: Grid) -> float:
        back = restore(sample(picture, grid, averaged=averaged), grid, (500, 500))
        return float(np.sqrt(np.mean((back - picture) ** 2)) / np.ptp(picture))

    even = error(uniform_grid((size, size)))
    for grid in grids:
        assert error(grid) <= even + 0.01


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (5, 7), (30, 20)])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "float32"])
def test_pictures_smaller_than_the_grid(shape: tuple[int, int], kind: str) -> None:
    picture = (np.arange(np.prod(shape)).reshape(shape) % 97).astype(kind)
    for grid in (uniform_grid((64, 64)), peaky(0, (64, 64))):
        small = sample(picture, grid).astype(kind)
        back = restore(small, grid, shape)
        assert back.shape == shape
        assert back.dtype == picture.dtype
        assert back.min() >= picture.min()
        assert back.max() <= picture.max()


def test_a_constant_picture_stays_constant() -> None:
    picture = np.full((70, 50), 1234, np.uint16)
    grid = peaky(5, (16, 16))
    small = sample(picture, grid)
    np.testing.assert_allclose(small, 1234)
    assert bool((restore(np.rint(small).astype(np.uint16), grid, (70, 50)) == 1234).all())


def test_colour_is_sampled_channel_by_channel() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    grid = peaky(2, (20, 20))
    small = sample(picture, grid)
    for channel in range(3):
        np.testing.assert_allclose(small[..., channel], sample(picture[..., channel], grid))
    assert restore(small, grid, (60, 80)).shape == (60, 80, 3)


def test_samples_average_over_their_own_area() -> None:
    """Noise is averaged away where samples are far apart, and kept where they are near."""
    noise = np.random.default_rng(0).normal(size=(1024, 1024)).astype(np.float32)
    density = np.ones((64, 64))
    density[30:34, 30:34] = 500
    grid = grid_of_density(density, (64, 64), 0.1)
    small = sample(build_pyramid(noise), grid)
    near = np.hypot(grid[..., 0] - 0.5, grid[..., 1] - 0.5) < 0.02
    assert small[near].std() > 2 * small[:20].std()
    assert sample(noise, grid, averaged=False).std() > 5 * small.std() / 2


def test_labels_are_those_of_the_pixel() -> None:
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(
        sample_labels(labels, uniform_grid((2, 2))), np.array([[0, 3], [8, 11]], np.uint8)
    )


def test_magnification_counts_samples() -> None:
    grid = peaky(1, (48, 48))
    found = magnification(locate(grid, (400, 300)))
    assert found.shape == (400, 300)
    # Samples per pixel, added up over the picture, are the samples there are.
    assert float(found.mean()) == pytest.approx(1.0, rel=0.02)
    assert float(found.max()) <= 1 / cell_areas(grid).min() + 1e-3
    np.testing.assert_allclose(magnification(locate(uniform_grid((9, 9)), (50, 60))), 1, rtol=1e-5)


def test_faults_are_named() -> None:
    grid = uniform_grid((8, 8))
    with pytest.raises(SamplingError, match="9 x 9"):
        restore(np.zeros((9, 9)), grid, (20, 20))
    with pytest.raises(SamplingError, match="missing"):
        restore(np.zeros((8, 8)), grid)
    with pytest.raises(SamplingError):
        locate(grid, (0, 5))
    with pytest.raises(SamplingError):
        locate(grid, (1 << 20, 1 << 20))
    with pytest.raises(SamplingError):
        sample(np.zeros((0, 4)), grid)
    with pytest.raises(SamplingError):
        sample(np.zeros((4, 4), complex), grid)
    with pytest.raises(SamplingError, match="no sampler 'magic'"):
        samplers.get("magic")


def test_restoring_can_be_stopped() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        locate(uniform_grid((8, 8)), (50, 50), cancel=cancel)


def test_densities_of_grids_sum_to_one() -> None:
    for grid in (uniform_grid((30, 20)), peaky(3, (40, 40))):
        assert samplers.density_of_grid(grid).sum() == pytest.approx(1.0)
    assert samplers.get("uniform").density(np.zeros((5, 5)), (9, 9)).sum() == pytest.approx(1.0)


def test_edge_samplers_follow_reference_labels() -> None:
    labels = np.zeros((90, 120), np.uint8)
    labels[30:60, 40:80] = 1
    grid = samplers.get("edge").grid(np.zeros((90, 120), np.uint8), (32, 32), labels)
    assert float(cell_areas(grid).min()) < 0.8
    with pytest.raises(SamplingError, match="pixels"):
        samplers.get("edge").grid(np.zeros((90, 121), np.uint8), (32, 32), labels)

"""What every grid promises, whatever picture, labels or density it comes from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import SamplingError
from viewer.sampling.boundaries import boundary, check_labels, edge_map
from viewer.sampling.density import floored, grid_of_density, kernels
from viewer.sampling.edge_energy import (
    as_nodes,
    edge_grid,
    edge_nodes,
    energy,
    minimise,
    nearest_boundary,
)
from viewer.sampling.grid import (
    cell_areas,
    check_grid,
    corner_areas,
    node_areas,
    pinned,
    resized,
    unfolded,
    uniform_grid,
)

SETTINGS = settings(deadline=None, max_examples=25)


def promised(grid: np.ndarray) -> None:
    """Covering, pinned, monotonic, without a fold."""
    check_grid(grid)
    assert float(corner_areas(grid).min()) > 0
    assert np.array_equal(grid, pinned(grid))
    # Cells tile the picture: what they cover adds up to it.
    assert float(cell_areas(grid).mean()) == pytest.approx(1.0)
    # The outermost lines run along the edges in order; lines inside do not cross their neighbours.
    assert bool((np.diff(grid[0, :, 0]) > 0).all())
    assert bool((np.diff(grid[-1, :, 0]) > 0).all())
    assert bool((np.diff(grid[:, 0, 1]) > 0).all())
    assert bool((np.diff(grid[:, -1, 1]) > 0).all())


@SETTINGS
@given(
    st.integers(2, 40),
    st.integers(2, 40),
    st.integers(8, 48),
    st.floats(0.05, 1.0),
    st.floats(0.0, 12.0),
    st.integers(0, 2**32 - 1),
)
def test_grids_of_any_density(
    rows: int, columns: int, nodes: int, width: float, peak: float, seed: int
) -> None:
    density = np.exp(peak * np.random.default_rng(seed).normal(size=(nodes, nodes)))
    width = max(width, 2 / nodes)
    grid = grid_of_density(density, (rows, columns), width)
    assert grid.shape == (rows, columns, 2)
    promised(grid)


@pytest.mark.parametrize("seed", range(40))
def test_peaky_densities_at_the_published_width_keep_most_of_their_pull(seed: int) -> None:
    """R = 15 on 64 samples, where the published grid folds and leaves the border."""
    rng = np.random.default_rng(seed)
    density = np.exp(rng.choice([1.0, 3.0, 6.0]) * rng.normal(size=(64, 64)))
    grid = grid_of_density(density, (64, 64), 15 / 64)
    promised(grid)
    assert float(np.abs(grid - uniform_grid((64, 64))).max()) > 1e-4


def test_an_even_density_gives_the_uniform_grid() -> None:
    grid = grid_of_density(np.ones((32, 48)), (20, 30), 0.2)
    np.testing.assert_allclose(grid, uniform_grid((20, 30)), atol=1e-6)


def test_samples_go_where_the_density_is() -> None:
    density = np.ones((64, 64))
    density[40:44, 20:24] = 200.0
    grid = grid_of_density(density, (64, 64), 0.1)
    near = np.hypot(grid[..., 0] - 22 / 64, grid[..., 1] - 42 / 64) < 0.04
    even = np.hypot(*np.moveaxis(uniform_grid((64, 64)) - [22 / 64, 42 / 64], -1, 0)) < 0.04
    assert near.sum() > 3 * even.sum()
    assert float(cell_areas(grid).min()) < 0.3


def test_kernels_mirror_at_the_borders() -> None:
    weights, moments = kernels(9, 16, 0.3)
    np.testing.assert_allclose(moments[[0, -1]].sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(weights, weights[::-1, ::-1])


@SETTINGS
@given(st.integers(2, 30), st.integers(2, 30), st.floats(0, 300), st.integers(0, 2**32 - 1))
def test_densities_sum_to_one(rows: int, columns: int, power: float, seed: int) -> None:
    values = np.random.default_rng(seed).random((rows, columns)) ** power * 1e200
    density = floored(values)
    assert float(density.sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(density.min()) >= 0.0999 / density.size


@pytest.mark.parametrize(
    "bad", [np.ones(4), np.full((4, 4), np.nan), -np.ones((4, 4)), np.full((4, 4), np.inf)]
)
def test_impossible_densities_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(SamplingError):
        grid_of_density(bad, (8, 8), 0.5)


def test_unfolding_moves_no_more_than_needed() -> None:
    grid = uniform_grid((9, 9))
    assert np.array_equal(unfolded(grid), grid)
    grid[4, 4] = (0.9, 0.5)
    promised(unfolded(grid))
    with pytest.raises(SamplingError, match="folds"):
        check_grid(grid)


@SETTINGS
@given(st.integers(2, 33), st.integers(2, 33), st.integers(0, 2**32 - 1))
def test_more_samples_between_nodes(rows: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = as_nodes(rng.normal(scale=0.2, size=(8, 8, 2)))
    promised(nodes)
    promised(resized(nodes, (rows, columns)))
    np.testing.assert_allclose(resized(nodes, (8, 8)), nodes)


@SETTINGS
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_edge_grids_of_any_labels(rows: int, columns: int, classes: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, classes, (rows, columns)).astype(np.uint8)
    promised(edge_grid(labels, (24, 17)))


def test_edge_grids_have_the_least_energy() -> None:
    labels = np.zeros((300, 200), np.uint8)
    labels[80:220, 60:150] = 1
    targets = nearest_boundary(labels, (8, 8))
    best = minimise(targets)
    promised(best)
    least = energy(best, targets)
    rng = np.random.default_rng(3)
    for scale in (1e-3, 1e-2, 0.1):
        step = rng.normal(scale=scale, size=best.shape)
        step[:, [0, -1], 0] = 0
        step[[0, -1], :, 1] = 0
        assert energy(best + step, targets) > least
    assert least < energy(uniform_grid((8, 8)), targets)


def test_smoothness_leads_from_boundary_to_uniform() -> None:
    labels = np.zeros((64, 64), np.uint8)
    labels[20:40, 20:40] = 1
    targets = nearest_boundary(labels, (8, 8))
    even = uniform_grid((8, 8))
    assert np.abs(minimise(targets, 1e6) - even).max() < 1e-4
    inner = (slice(1, -1), slice(1, -1))
    assert np.abs(minimise(targets, 1e-6)[inner] - targets[inner]).max() < 1e-4


def test_class_numbers_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 4, (6, 6)), np.ones((20, 20), int)).astype(np.uint8)
    renamed = np.array([7, 250, 3, 90], np.uint8)[labels]
    assert np.array_equal(boundary(labels), boundary(renamed))
    assert np.array_equal(edge_map(labels, 32), edge_map(renamed, 32))
    assert np.array_equal(edge_nodes(labels), edge_nodes(renamed))


def test_a_small_target_counts_as_much_as_a_long_outline() -> None:
    labels = np.zeros((1000, 1000), np.uint8)
    labels[:, 600:] = 1
    labels[200:206, 200:206] = 2
    edges = edge_map(labels, 50, blur=0)
    assert edges[10, 10] == edges[40, 29] == 1.0
    assert edges[30, 10] == 0.0


def test_bad_labels_are_named() -> None:
    labels = np.zeros((4, 5), np.uint8)
    with pytest.raises(SamplingError, match=r"5 x 4 pixels.*6 x 4"):
        check_labels(labels, 2, (4, 6))
    labels[0, 0] = 9
    with pytest.raises(SamplingError, match="value 9"):
        check_labels(labels, 2)
    with pytest.raises(SamplingError):
        check_labels(np.zeros((4, 5, 3), np.uint8), 2)


@pytest.mark.parametrize("size", [(1, 8), (8, 0), (9000, 9000)])
def test_impossible_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SamplingError):
        uniform_grid(size)


def test_areas_of_samples_cover_the_picture() -> None:
    grid = grid_of_density(np.random.default_rng(1).random((16, 16)), (20, 20), 0.2)
    areas = node_areas(grid)
    assert areas.shape == (20, 20)
    assert areas.mean() == pytest.approx(1.0, abs=0.1)

"""The networks of the downsampler: shapes, the grid in torch, weights files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from viewer.errors import ModelError
from viewer.networks.deformation import (
    DeformationModule,
    DeformationShape,
    GridMaker,
    edge_entropy,
    edge_loss,
)
from viewer.networks.downsampler import (
    Downsampler,
    DownsamplerShape,
    load_downsampler,
    normalised,
    parameter_count,
    save_downsampler,
)
from viewer.networks.hrnet import SHAPES, HRNet
from viewer.networks.weights import save_weights
from viewer.sampling.density import FLOOR, grid_of_density, kernels
from viewer.sampling.grid import LEAST_AREA
from viewer.sampling.pyramid import build_pyramid
from viewer.sampling.view import low_resolution_view


@pytest.mark.parametrize("peak", [0.5, 3.0, 8.0])
def test_the_grid_in_torch_is_that_in_numpy(peak: float) -> None:
    rng = np.random.default_rng(1)
    density = np.exp(peak * rng.normal(size=(3, 32, 32)))
    density /= density.sum((1, 2), keepdims=True)
    maker = GridMaker(*kernels(40, 32, 0.15), FLOOR, LEAST_AREA)
    grids = maker(torch.tensor(density, dtype=torch.float32)).numpy()
    for one, grid in zip(density, grids, strict=True):
        np.testing.assert_allclose(grid, grid_of_density(one, (40, 40), 0.15), atol=2e-5)


def test_gradients_reach_the_deformation_module() -> None:
    module = DeformationModule(DeformationShape(4, 2))
    maker = GridMaker(*kernels(16, 24, 0.2), FLOOR, LEAST_AREA)
    density = module(torch.randn(2, 1, 24, 24))
    torch.testing.assert_close(density.sum((1, 2)), torch.ones(2))
    (maker(density) ** 2).sum().backward()
    assert all(float(p.grad.abs().sum()) > 0 for p in module.parameters() if p.dim() > 1)


def test_published_widths() -> None:
    """376 k weights in the deformation module of one channel; some 66 million in HRNetV2-W48."""
    assert parameter_count(DeformationModule(DeformationShape())) == 376_225
    assert 65e6 < parameter_count(HRNet(SHAPES["hrnet48"], 19, 3)) < 67e6


@pytest.mark.parametrize("segmenter", ["small", "pspnet"])
@pytest.mark.parametrize("sampler", ["uniform", "edge", "learned"])
@pytest.mark.parametrize("inputs", [1, 3])
def test_every_combination_gives_scores(segmenter: str, sampler: str, inputs: int) -> None:
    shape = DownsamplerShape(sampler, 20, ("a", "b", "c"), segmenter, inputs, view=32)
    model = Downsampler(shape).eval()
    assert model.segmenter(torch.randn(2, inputs, 20, 21)).shape == (2, 3, 20, 21)
    if sampler == "edge":
        assert model.position(torch.randn(1, inputs + 1, 32, 32)).shape == (1, 8, 8, 2)
    if sampler == "learned":
        nodes = shape.density_nodes
        assert model.position(torch.randn(1, inputs + 1, 32, 32)).shape == (1, nodes, nodes)


def test_edge_loss_is_least_for_the_edges_themselves() -> None:
    target = torch.rand(2, 8, 8)
    target = (target - target.amin((1, 2), True)) / (
        target.amax((1, 2), True) - target.amin((1, 2), True)
    )
    assert float(edge_loss(target / 50, target)) < 1e-9
    assert float(edge_loss(1 - target, target)) > 0.05
    assert float(edge_entropy(target / target.sum((1, 2), True), target)) < 1e-5
    assert float(edge_entropy(torch.full((2, 8, 8), 1 / 64), target)) > 0.05
    assert float(edge_entropy(torch.full((2, 8, 8), 1 / 64), torch.zeros(2, 8, 8))) == 0.0


def test_a_constant_picture_is_normal() -> None:
    flat = low_resolution_view(build_pyramid(np.full((40, 30), 7, np.uint8)), 16)
    view, mean, _ = normalised(torch.from_numpy(flat).permute(2, 0, 1)[None])
    assert float(view.abs().max()) < 1e-2
    assert float(mean) == pytest.approx(7.0)


def test_a_nodule_smaller_than_a_pixel_of_the_view_is_seen() -> None:
    picture = np.full((1024, 1024), 100, np.uint8)
    picture[500:506, 300:306] = 180
    view = low_resolution_view(build_pyramid(picture), 64)
    assert np.unravel_index(view[..., 1].argmax(), (64, 64)) == (31, 18)
    assert view[31, 18, 1] > 3 * (view[31, 18, 0] - 100)


def test_weights_come_back(tmp_path: Path) -> None:
    shape = DownsamplerShape("learned", 16, ("ground", "target"), view=32)
    model = Downsampler(shape).eval()
    path = tmp_path / "a.safetensors"
    save_downsampler(path, model, {"seed": 3})
    again, training, digest = load_downsampler(path)
    assert again.shape == shape
    assert training == {"seed": 3}
    assert len(digest) == 32
    picture = torch.randn(1, 2, 32, 32)
    torch.testing.assert_close(
        again.position(picture), model.position(picture), rtol=0.1, atol=1e-3
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"sampler": "other"},
        {"size": 1 << 20},
        {"view": 1 << 20},
        {"segmenter_width": 1 << 20},
        {"deformation_width": 0},
        {"classes": ["one"]},
        {"unknown": 1},
        {"edge_nodes": 1 << 20},
    ],
)
def test_impossible_weights_are_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    shape = {"sampler": "uniform", "size": 16, "classes": ["a", "b"], **changed}
    path = tmp_path / "a.safetensors"
    save_weights(
        path,
        {"x": torch.zeros(1)},
        {"network": "downsampler", "shape": shape, "training": {}},
    )
    with pytest.raises(ModelError, match="do not say"):
        load_downsampler(path)

"""What a window gets of an open radiograph, with the shipped networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.errors import Cancelled, SamplingError
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Radiograph, Spacing
from viewer.progress import CancelToken
from viewer.sampling import samplers, trained
from viewer.sampling.deformation import deform, segment
from viewer.sampling.grid import check_grid


def opened(pixels: np.ndarray, folder: Path) -> Radiograph:
    path = folder / "picture.png"
    Image.fromarray(pixels).save(path)
    return read_frame(read_header(path))


@pytest.mark.parametrize("sampler", samplers.NAMES)
def test_a_real_radiograph(rg1_path: Path, sampler: str) -> None:
    radiograph = read_frame(read_header(rg1_path))
    found = deform(radiograph, sampler, (64, 64))
    shape = radiograph.pixels.shape
    check_grid(found.grid)
    assert found.density.sum() == pytest.approx(1.0)
    assert found.sampled.shape == (64, 64)
    assert found.restored.dtype == radiograph.pixels.dtype
    assert found.restored.shape == found.magnification.shape == shape
    assert np.array_equal(found.difference, found.restored.astype(int) - radiograph.pixels)
    # What comes back is the picture, coarser: nearer to it than its mean is.
    assert np.std(found.difference.astype(float)) < 0.4 * np.std(radiograph.pixels.astype(float))
    assert found.segmentation is not None
    assert found.segmentation.shape == shape
    assert found.classes[-1] == "nodule"
    assert found.model.startswith(f"{sampler}-64-0 ")
    positions = found.positions()
    assert positions.min() == -0.5
    assert positions[..., 0].max() == shape[1] - 0.5
    area, unit = found.area(1, Spacing(0.2, 0.1, "PixelSpacing"))
    assert unit == "cm²"
    assert area == pytest.approx((found.segmentation == 1).sum() * 0.02 / 100)
    assert found.area(1, None)[1] == "px"
    per, unit = found.samples_per_area(5, 9, None)
    assert unit == "per 100 x 100 px"
    assert per == pytest.approx(found.magnification[9, 5] * 63 * 63 / np.prod(shape) * 1e4)


def test_lungs_are_found(shared_data: Path) -> None:
    pictures = sorted((shared_data / "lungs" / "val").glob("*.jpg"))[:2]
    for path in pictures:
        classes, names = segment(read_frame(read_header(path)))
        truth = np.asarray(Image.open(path.with_suffix(".png"))) > 0
        lungs = classes >= 1
        assert names == ("background", "lung field", "nodule")
        assert (lungs & truth).sum() / (lungs | truth).sum() > 0.8


@pytest.mark.parametrize("sampler", samplers.NAMES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (20, 30), (9, 500)])
def test_small_and_odd_pictures(tmp_path: Path, sampler: str, shape: tuple[int, int]) -> None:
    pixels = (np.arange(np.prod(shape)).reshape(shape) * 3 % 256).astype(np.uint8)
    found = deform(opened(pixels, tmp_path), sampler, (64, 96))
    check_grid(found.grid)
    assert found.restored.shape == shape


@pytest.mark.parametrize("sampler", samplers.NAMES)
def test_constant_and_colour_pictures(tmp_path: Path, sampler: str) -> None:
    found = deform(opened(np.full((90, 70), 200, np.uint8), tmp_path), sampler, (32, 32))
    assert bool((found.difference == 0).all())
    colours = np.random.default_rng(0).integers(0, 255, (90, 70, 3)).astype(np.uint8)
    found = deform(opened(colours, tmp_path), sampler, (32, 32))
    assert found.restored.shape == (90, 70, 3)


def test_faults_and_stops(tmp_path: Path) -> None:
    radiograph = opened(np.zeros((30, 30), np.uint8), tmp_path)
    with pytest.raises(SamplingError, match="no sampler"):
        deform(radiograph, "other", (8, 8))
    with pytest.raises(SamplingError, match="grid"):
        deform(radiograph, "uniform", (1, 8))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        deform(radiograph, "learned", (8, 8), cancel=cancel)


def test_every_size_is_shipped() -> None:
    for sampler in samplers.NAMES:
        for size in trained.SIZES:
            network = trained.shipped(sampler, size)
            assert network.shape.sampler == sampler
            assert network.shape.size == size
            assert network.training["data"]["nodules"] is True

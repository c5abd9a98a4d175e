"""What is measured in both pictures, against values computed by hand and by other code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from viewer.codecs.base import PixelFormat
from viewer.images.radiograph import Grey, Header, Radiograph, Spacing
from viewer.metrics.figures import compare
from viewer.metrics.measuring.measuring import measure
from viewer.metrics.measuring.shapes import Shape


def radiograph(pixels: np.ndarray, **changes) -> Radiograph:
    rows, columns = pixels.shape[:2]
    header = Header(
        Path("x"), "DICOM", rows, columns, 1, pixels.shape[2] if pixels.ndim == 3 else 1, 16, 12,
        False, "MONOCHROME2", "", spacing=Spacing(0.2, 0.1, "PixelSpacing"),
    )  # fmt: skip
    return Radiograph(replace(header, **changes), pixels)


@pytest.fixture
def pair():
    rng = np.random.default_rng(7)
    first = rng.integers(500, 3000, (60, 80), dtype=np.uint16)
    second = np.clip(first.astype(int) + rng.integers(-20, 21, first.shape), 0, 4095)
    return radiograph(first), radiograph(second.astype(np.uint16))


def test_statistics_by_hand():
    pixels = np.zeros((20, 20), np.uint16)
    pixels[5, 5:9] = (10, 20, 30, 40)
    again = pixels + np.uint16(2)
    grey = Grey(slope=2.0, intercept=-1000.0, unit="HU")
    found = measure(
        Shape("rectangle", ((5, 5), (9, 6))),
        radiograph(pixels, grey=grey),
        radiograph(again, grey=grey),
    )
    mean, sd = found.get("mean"), found.get("sd")
    assert (mean.original, mean.reconstruction, mean.difference) == (-950, -946, 4)
    assert mean.unit == "HU"
    assert sd.original == pytest.approx(2 * np.sqrt(125))
    assert sd.difference == pytest.approx(0)
    assert found.get("minimum").original == -980
    assert found.get("maximum").reconstruction == -916
    assert found.get("snr").original == pytest.approx(950 / (2 * np.sqrt(125)))
    assert found.get("area").original == pytest.approx(4 * 0.1 * 0.2)
    assert found.get("area").unit == "mm²"
    assert found.get("pixels").original == 4
    # An error of 2 stored levels everywhere, against the peak 4095.
    assert found.get("psnr").difference == pytest.approx(20 * np.log10(4095 / 2))
    assert found.get("max_error").difference == 2
    assert found.get("ssim").difference is None  # no window of 11 x 11 fits


def test_a_rectangle_has_the_figures_of_the_cropped_pictures(pair):
    original, reconstruction = pair
    found = measure(Shape("rectangle", ((10, 8), (50, 40))), original, reconstruction)
    figures = compare(original.pixels, reconstruction.pixels, PixelFormat(12), box=(10, 8, 40, 32))
    assert found.get("psnr").difference == pytest.approx(figures.psnr_db, abs=1e-9)
    assert found.get("ssim").difference == pytest.approx(figures.ssim, abs=1e-6)
    assert found.get("max_error").difference == figures.max_error


@pytest.mark.parametrize("kind", ["ellipse", "freehand"])
def test_ssim_is_the_mean_over_windows_wholly_inside(pair, kind):
    original, reconstruction = pair
    points = ((5.0, 5.0), (75.0, 55.0))
    if kind == "freehand":
        points = ((5.0, 5.0), (70.0, 10.0), (60.0, 55.0), (12.0, 50.0))
    found = measure(Shape(kind, points), original, reconstruction)
    _, full = structural_similarity(
        original.pixels.astype(float), reconstruction.pixels.astype(float), data_range=4095,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True,
    )  # fmt: skip
    from scipy.ndimage import minimum_filter

    from viewer.metrics.measuring.masks import covered

    region = covered(Shape(kind, points), 80, 60)
    mask = np.zeros((60, 80), bool)
    x, y, width, height = region.box
    mask[y : y + height, x : x + width] = region.mask
    inside = minimum_filter(mask, size=11, mode="constant", cval=False)
    assert inside.any()
    assert found.get("ssim").difference == pytest.approx(full[inside].mean(), abs=1e-5)
    errors = (reconstruction.pixels.astype(int) - original.pixels.astype(int))[mask]
    assert found.get("psnr").difference == pytest.approx(
        10 * np.log10(4095**2 / np.mean(errors**2.0))
    )
    assert found.get("mean").original == pytest.approx(original.pixels[mask].mean())
    assert found.get("sd").reconstruction == pytest.approx(reconstruction.pixels[mask].std())


def test_histograms_share_bins_and_count_every_pixel(pair):
    original, reconstruction = pair
    found = measure(Shape("ellipse", ((5, 5), (60, 50))), original, reconstruction)
    bars = found.histogram
    count = found.get("pixels").original
    assert bars.original.sum() == bars.reconstruction.sum() == count
    assert len(bars.edges) == len(bars.original) + 1 <= 130
    assert len(set(np.diff(bars.edges))) == 1


def test_identical_pictures(pair):
    original, _ = pair
    found = measure(Shape("rectangle", ((10, 8), (50, 40))), original, original)
    assert found.get("psnr").difference == float("inf")
    assert found.get("ssim").difference == pytest.approx(1.0)
    assert found.get("mean").difference == 0


def test_without_a_reconstruction_the_original_is_measured_alone(pair):
    found = measure(Shape("rectangle", ((10, 8), (50, 40))), pair[0])
    assert not found.compared
    assert found.get("mean").original > 0
    assert found.get("mean").reconstruction is None
    assert found.get("psnr") is None


def test_padding_is_left_out(pair):
    original, reconstruction = pair
    pixels = original.pixels.copy()
    pixels[:, :30] = 4000
    original = radiograph(pixels, grey=Grey(padding=(4000, 4000)))
    found = measure(Shape("rectangle", ((20, 8), (50, 40))), original, reconstruction)
    assert found.get("pixels").original == 20 * 32
    assert found.get("maximum").original < 3001
    assert found.get("mean").original == pytest.approx(pixels[8:40, 30:50].mean())


def test_a_region_of_padding_alone_has_an_area_and_no_statistics(pair):
    original = radiograph(np.full((60, 80), 5, np.uint16), grey=Grey(padding=(0, 9)))
    found = measure(Shape("rectangle", ((20, 8), (50, 40))), original, original)
    assert found.get("pixels").original == 0
    assert found.get("mean") is None
    assert found.histogram is None


def test_a_profile_of_a_ramp_is_the_ramp():
    pixels = np.tile(np.arange(80, dtype=np.uint16) * 10, (60, 1))
    found = measure(
        Shape("profile", ((10.5, 30.5), (50.5, 30.5))), radiograph(pixels), radiograph(pixels + 3)
    )
    curve = found.profile
    assert len(curve.distance) == 41
    assert curve.distance[-1] == pytest.approx(4.0)  # 40 columns of 0.1 mm
    assert curve.original == pytest.approx(np.arange(100, 510, 10))
    assert curve.reconstruction == pytest.approx(np.arange(103, 513, 10))
    assert found.get("mean").difference == pytest.approx(3)
    half = measure(Shape("profile", ((10.0, 30.5), (50.0, 30.5))), radiograph(pixels))
    assert half.profile.original == pytest.approx(np.arange(95, 505, 10))


def test_a_probe_reads_the_pixel_below_it():
    pixels = np.zeros((60, 80), np.uint16)
    pixels[7, 12] = 77
    found = measure(Shape("probe", ((12.9, 7.1),)), radiograph(pixels), radiograph(pixels + 5))
    value = found.get("value")
    assert (value.original, value.reconstruction, value.difference) == (77, 82, 5)
    assert (found.get("x").original, found.get("y").original) == (12, 7)


def test_signed_and_colour_pixels():
    rng = np.random.default_rng(3)
    signed = rng.integers(-1000, 1000, (40, 40), dtype=np.int16)
    found = measure(Shape("ellipse", ((2, 2), (38, 38))), radiograph(signed, signed=True),
                    radiograph(signed + np.int16(1), signed=True))  # fmt: skip
    assert found.get("mean").difference == pytest.approx(1)
    colour = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    header = {"bits_stored": 8, "photometric": "RGB"}
    found = measure(Shape("rectangle", ((2, 2), (22, 12))), radiograph(colour, **header),
                    radiograph(colour, **header))  # fmt: skip
    assert found.get("mean").original == pytest.approx(colour[2:12, 2:22].mean())
    assert found.get("pixels").original == 200


def test_lengths_and_angles_take_the_spacing(pair):
    found = measure(Shape("length", ((10, 10), (40, 30))), *pair)
    assert found.get("length").original == pytest.approx(5.0)
    assert found.get("length").unit == "mm"
    found = measure(Shape("angle", ((10, 0), (0, 0), (0, 5))), *pair)
    assert found.get("angle").original == pytest.approx(90)
    found = measure(Shape("cobb", ((0, 0), (10, 0), (0, 20), (10, 25))), *pair)
    assert found.get("angle").original == pytest.approx(45)  # 10 x 0.1 mm by 5 x 0.2 mm

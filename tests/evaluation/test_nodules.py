"""Planted nodules and their observer, against what is known of white noise and of small samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from viewer.cli.main import main
from viewer.errors import MeasureError
from viewer.evaluation.nodules import REGION, Nodule, plant, profile, regions
from viewer.evaluation.observer import (
    CHANNELS,
    area_difference,
    detectability,
    laguerre_gauss,
    responses,
    scores,
)
from viewer.images.pixel_format import PixelFormat
from viewer.metrics.auroc import auroc, separation


def test_auroc_by_hand() -> None:
    # Pairs (positive, negative): 3 > 1, 3 > 2, 2 > 1 and a tie of 2 with 2: 3.5 of 4.
    assert auroc([3, 2, 1, 2], [True, True, False, False]) == pytest.approx(3.5 / 4)
    assert auroc([1, 2, 3, 4], [False, False, True, True]) == 1
    assert auroc([1, 1, 1], [True, False, False]) == 0.5
    assert np.isnan(auroc([1, 2], [True, True]))
    assert separation(0.5) == pytest.approx(0)
    assert separation(norm.cdf(1 / np.sqrt(2))) == pytest.approx(1)


def test_auroc_counts_every_pair() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.integers(0, 9, 60), rng.random(60) < 0.4
    pairs = [(p > n) + 0.5 * (p == n) for p in values[labels] for n in values[~labels]]
    assert auroc(values, labels) == pytest.approx(np.mean(pairs))


def test_the_shape_of_a_nodule() -> None:
    shape = profile(20)
    middle = REGION // 2
    assert shape[middle, middle] == 1
    assert shape[middle, middle + 10] == 0
    assert shape[middle, middle + 5] == pytest.approx(0.75**1.5)
    assert np.count_nonzero(shape) == pytest.approx(np.pi * 100, rel=0.05)


@pytest.mark.parametrize("signed", [False, True])
def test_planting_adds_the_contrast_and_stays_in_range(signed: bool) -> None:
    pixel_format = PixelFormat(12, signed)
    dtype = np.int16 if signed else np.uint16
    pixels = np.full((200, 200), 100, dtype)
    pixels[100:] = pixel_format.minimum + pixel_format.peak
    corners = np.array([[0, 0], [100, 100]])
    found = plant(pixels, pixel_format, corners, Nodule(10, 0.1))
    assert found[32, 32] == 100 + round(0.1 * 4095)
    assert found[132, 132] == pixel_format.minimum + pixel_format.peak
    assert (found != pixels).sum() < 100
    assert pixels[32, 32] == 100


def test_regions_are_apart_and_inside() -> None:
    pixels = np.full((700, 800), 90, np.uint8)
    pixels[:, :300] = 0
    found = regions(pixels, PixelFormat(8), 12, 3)
    assert len(found) == 12
    gaps = np.abs(found[:, None] - found[None]).max(-1) + 1000 * np.eye(12)
    assert gaps.min() >= REGION
    assert found[:, 1].min() >= 300 - 1
    with pytest.raises(MeasureError):
        regions(pixels, PixelFormat(8), 500, 3)


def test_the_observer_in_white_noise_is_as_good_as_theory() -> None:
    """d' in white noise: the length of what the channels see of the signal, over sigma."""
    rng = np.random.default_rng(1)
    sigma, regions_in_all = 20.0, 1200
    signal = 14.0 * profile(12)
    channels = laguerre_gauss(18)
    basis = np.linalg.qr(channels.reshape(CHANNELS, -1).T)[0]
    expected = np.linalg.norm(basis.T @ signal.ravel()) / sigma
    corners = np.array([[0, 0]])

    def seen(added: np.ndarray) -> np.ndarray:
        noisy = rng.normal(0, sigma, (regions_in_all, REGION, REGION)) + added
        return np.concatenate([responses(one, corners, channels) for one in noisy])

    present, absent = seen(signal), seen(np.zeros_like(signal))
    groups = [str(n // 4) for n in range(regions_in_all)]
    found = detectability(*scores(present, absent, groups), groups)
    assert separation(found.area) == pytest.approx(expected, rel=0.1)
    low, high = found.interval
    assert low < norm.cdf(expected / np.sqrt(2)) < high


def test_nothing_is_learned_from_the_tested() -> None:
    """Without a signal the area is a half, however many channels there are to fit with."""
    rng = np.random.default_rng(2)
    present, absent = rng.normal(size=(2, 60, CHANNELS))
    groups = [str(n) for n in range(60)]
    both = scores(present, absent, groups)
    found = detectability(*both, groups)
    assert found.interval[0] < 0.5 < found.interval[1]
    change, (low, high) = area_difference(both, both, groups)
    assert change == low == high == 0
    with pytest.raises(MeasureError, match="patients"):
        scores(present, absent, ["one"] * 60)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(6):
        pixels = np.clip(rng.normal(120, 6, (400, 400)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"0000000{number}_000.png")
    plot, out = tmp_path / "n.png", tmp_path / "n.json"
    arguments = ["evaluate", "detectability", str(folder), "--codecs", "jpeg2000"]
    arguments += ["--rates", "0.1,2", "--nodules", "8:5", "--per-image", "6"]
    arguments += ["--cache", str(tmp_path / "cache"), "--plot", str(plot), "--json", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "original" in printed
    assert printed.count("jpeg2000") == 2
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert main(arguments) == 0
    assert capsys.readouterr().out == printed
    assert main([*arguments[:3], "--codecs", "jpeg2000", "--nodules", "8"]) == 1

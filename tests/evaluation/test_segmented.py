"""Figures apart for each class of a segmentation."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.codecs.base import PixelFormat
from viewer.errors import MeasureError
from viewer.evaluation.segmented import segmented_figures
from viewer.metrics.figures import compare

FORMAT = PixelFormat(8, False)


def test_each_class_has_its_own_figures() -> None:
    rng = np.random.default_rng(0)
    original = rng.integers(0, 256, (60, 50)).astype(np.uint8)
    other = original.copy()
    other[:, 30:] ^= 1
    classes = np.zeros((60, 50), np.uint8)
    classes[:, 30:] = 2
    rows = segmented_figures(original, other, FORMAT, classes, ("ground", "lung", "nodule"))
    assert [row["class"] for row in rows] == ["ground", "nodule"]
    assert rows[0]["psnr_db"] is None
    assert rows[0]["max_error"] == 0
    assert rows[1]["psnr_db"] == pytest.approx(48.13, abs=0.01)
    assert rows[1]["max_error"] == 1
    assert rows[0]["share"] + rows[1]["share"] == pytest.approx(1.0)
    assert rows[0]["ssim"] > rows[1]["ssim"]


def test_one_class_has_the_figures_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    original = rng.integers(0, 256, (64, 64)).astype(np.uint8)
    other = np.clip(original + rng.normal(0, 4, (64, 64)), 0, 255).astype(np.uint8)
    rows = segmented_figures(original, other, FORMAT, np.zeros((64, 64), int), ("all",))
    assert rows[0]["psnr_db"] == pytest.approx(compare(original, other, FORMAT).psnr_db)


def test_other_sizes_are_refused() -> None:
    picture = np.zeros((9, 9), np.uint8)
    assert segmented_figures(picture, picture, FORMAT, picture, ("all",))[0]["ssim"] is None
    with pytest.raises(MeasureError):
        segmented_figures(picture, picture, FORMAT, picture[1:], ("all",))

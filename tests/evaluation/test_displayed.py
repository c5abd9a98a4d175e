"""Figures as displayed, against pictures rendered and measured by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.errors import MeasureError
from viewer.evaluation.displayed import compare_displayed
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Window


@pytest.fixture
def pair(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", ramp(64, 64, 12), bits_stored=12)
    original = read_frame(read_header(path))
    changed = original.pixels.copy()
    changed[10, 10] += 1000
    return original, original.with_pixels(changed)


def test_psnr_is_that_of_the_pictures_by_hand(pair):
    original, reconstruction = pair
    window = Window(2048, 2048)

    def seen(stored):
        # PS3.3 C.11.2.1.2.1, written out.
        grey = ((stored - (window.centre - 0.5)) / (window.width - 1) + 0.5) * 255
        return int(np.floor(np.clip(grey, 0, 255) + 0.5))

    before, after = seen(int(original.pixels[10, 10])), seen(int(reconstruction.pixels[10, 10]))
    mse = (after - before) ** 2 / 64**2
    found = compare_displayed(original, reconstruction, window, box=(8, 8, 11, 11))
    assert found.figures.max_error == abs(after - before) > 0
    assert found.figures.psnr_db == pytest.approx(10 * math.log10(255**2 / mse))
    assert found.box_figures is not None
    assert found.box_figures.mean_squared_error == pytest.approx((after - before) ** 2 / 121)
    row = found.as_row()
    assert row["window"] == {"centre": 2048, "width": 2048, "function": "LINEAR"}
    assert row["bits"] == 8


def test_what_the_window_hides_is_no_difference(pair):
    assert compare_displayed(*pair, Window(4000, 20)).figures.identical
    assert not compare_displayed(*pair, Window(1200, 800)).figures.identical


def test_padding_is_left_out(tmp_path):
    pixels = ramp(64, 64, 12)
    pixels[:20] = 0
    path = write_dicom_file(tmp_path / "x.dcm", pixels, bits_stored=12, PixelPaddingValue=0)
    original = read_frame(read_header(path))
    changed = original.pixels.copy()
    changed[:20] = 4000
    found = compare_displayed(original, original.with_pixels(changed), Window(2048, 4096))
    assert found.figures.identical
    assert found.figures.padding_share == pytest.approx(20 / 64, abs=0.001)


def test_a_box_outside_is_refused(pair):
    with pytest.raises(MeasureError):
        compare_displayed(*pair, Window(2048, 2048), box=(60, 60, 11, 11))

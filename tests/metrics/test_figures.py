"""The figures together: boxes, colour, infinities."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from viewer.errors import Cancelled, MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.metrics import errors, similarity
from viewer.metrics.figures import Figures, compare
from viewer.progress import CancelToken


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    first = rng.integers(0, 4096, (260, 300)).astype(np.uint16)
    second = np.clip(first.astype(int) + rng.integers(-40, 41, first.shape), 0, 4095)
    return first, second.astype(np.uint16)


def test_they_are_those_of_the_parts(pair: tuple[np.ndarray, np.ndarray]) -> None:
    fmt = PixelFormat(12)
    figures = compare(*pair, fmt)
    assert figures.psnr_db == errors.psnr(*pair, 4095)
    assert figures.max_error == errors.maximum_error(*pair) == 40
    assert figures.mean_squared_error == errors.mean_squared_error(*pair)
    assert figures.ssim == similarity.ssim(*pair, fmt)
    assert figures.ms_ssim == similarity.ms_ssim(*pair, fmt)
    assert not figures.identical


def test_a_box_is_the_cropped_pixels(pair: tuple[np.ndarray, np.ndarray]) -> None:
    fmt = PixelFormat(12)
    first, second = pair
    for x, y, width, height in ((10, 20, 200, 180), (0, 0, 300, 260), (290, 250, 10, 10)):
        cut = (slice(y, y + height), slice(x, x + width))
        boxed = compare(first, second, fmt, box=(x, y, width, height))
        assert boxed == compare(first[cut].copy(), second[cut].copy(), fmt)


@pytest.mark.parametrize(
    "box",
    [(0, 0, 0, 5), (0, 0, 5, 0), (-1, 0, 5, 5), (0, 0, 301, 5), (296, 0, 5, 5), (0, 260, 1, 1)],
)
def test_a_box_outside_is_named(pair: tuple[np.ndarray, np.ndarray], box: tuple) -> None:
    with pytest.raises(MeasureError, match="300 x 260"):
        compare(*pair, PixelFormat(12), box=box)


def test_identical_pictures() -> None:
    picture = np.arange(200 * 200, dtype=np.uint16).reshape(200, 200)
    figures = compare(picture, picture.copy(), PixelFormat(16))
    assert figures == Figures(math.inf, 1.0, 1.0, 0, 0.0)
    assert figures.identical
    row = figures.as_row()
    assert row == {"psnr_db": None, "ssim": 1.0, "ms_ssim": 1.0, "max_error": 0}
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_a_tiny_box_has_errors_but_no_similarity(pair: tuple[np.ndarray, np.ndarray]) -> None:
    figures = compare(*pair, PixelFormat(12), box=(3, 4, 10, 40))
    assert figures.ssim is None
    assert figures.ms_ssim is None
    assert math.isfinite(figures.psnr_db)
    single = compare(*pair, PixelFormat(12), box=(3, 4, 1, 1))
    assert single.max_error == abs(int(pair[0][4, 3]) - int(pair[1][4, 3]))


def test_signed_is_the_same_as_shifted(pair: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = ((side.astype(int) - 2048).astype(np.int16) for side in pair)
    assert compare(first, second, PixelFormat(12, signed=True)) == compare(*pair, PixelFormat(12))


def test_signed_extremes_do_not_overflow() -> None:
    low, high = np.full((20, 20), -32768, np.int16), np.full((20, 20), 32767, np.int16)
    figures = compare(low, high, PixelFormat(16, signed=True))
    assert figures.max_error == 65535
    assert figures.psnr_db == pytest.approx(0)
    assert np.all(errors.difference(low, high) == 65535)


def test_colour_counts_every_sample() -> None:
    first = np.zeros((30, 40, 3), np.uint8)
    second = first.copy()
    second[..., 1] = 6
    figures = compare(first, second, PixelFormat(8))
    assert figures.mean_squared_error == pytest.approx(12)
    assert figures.max_error == 6


def test_cancel(pair: tuple[np.ndarray, np.ndarray]) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        compare(*pair, PixelFormat(12), cancel=cancel)


def test_padding_is_left_out_of_all_but_the_largest_error():
    rng = np.random.default_rng(4)
    image = rng.integers(100, 4000, (60, 70)).astype(np.uint16)
    padded = np.zeros((80, 100), np.uint16)
    padded[10:70, 20:90] = image
    padded[30:34, 40:44] = 3  # padding inside the image as well
    changed = padded.copy()
    changed[padded > 10] += 5
    changed[0, 0] = 900
    figures = compare(padded, changed, PixelFormat(12), padding=(0, 10))
    assert figures.mean_squared_error == pytest.approx(25.0)
    assert figures.psnr_db == pytest.approx(10 * math.log10(4095**2 / 25))
    assert figures.max_error == 900
    left = 60 * 70 - 16
    assert figures.padding_share == pytest.approx(1 - left / 8000)
    assert figures.as_row()["padding_share"] == figures.padding_share
    # The similarity is that of the image alone, its padding made alike.
    inner = changed[10:70, 20:90].copy()
    inner[20:24, 20:24] = 3
    alone = compare(padded[10:70, 20:90], inner, PixelFormat(12))
    assert figures.ssim == pytest.approx(alone.ssim)
    same = compare(padded, changed, PixelFormat(12), padding=(5000, 5001))
    assert same == compare(padded, changed, PixelFormat(12))
    everything = compare(padded, changed, PixelFormat(12), padding=(0, 4095))
    assert (everything.mean_squared_error, everything.padding_share) == (0.0, 1.0)

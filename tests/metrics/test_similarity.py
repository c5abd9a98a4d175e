"""SSIM against scikit-image, MS-SSIM against the papers written out."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from tests.metrics import slow_similarity
from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.errors import Cancelled, MeasureError
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.metrics import similarity, strips
from viewer.progress import CancelToken

FORMATS = [
    ("uint8", PixelFormat(8)),
    ("uint16", PixelFormat(10)),
    ("uint16", PixelFormat(12)),
    ("uint16", PixelFormat(15)),
    ("uint16", PixelFormat(16)),
    ("int16", PixelFormat(12, signed=True)),
    ("int16", PixelFormat(16, signed=True)),
]


def shifted(pixels: NDArray, fmt: PixelFormat) -> NDArray:
    return pixels.astype(np.float64) - fmt.minimum


def reference(x: NDArray, y: NDArray, fmt: PixelFormat, full: bool = False) -> NDArray | float:
    return structural_similarity(
        shifted(x, fmt),
        shifted(y, fmt),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=fmt.peak,
        full=full,
        channel_axis=-1 if x.ndim == 3 else None,
    )


def pair(shape: tuple[int, ...], dtype: str, fmt: PixelFormat, noise: float, seed: int) -> tuple:
    """Grain over a slope from dark to bright, and the same with noise."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(0.02, 0.98, shape[1])[None, :]
    base = slope if len(shape) == 2 else slope[..., None]
    base = base + 0.02 * rng.standard_normal(shape)
    other = base + noise * rng.standard_normal(shape)

    def stored(values: NDArray) -> NDArray:
        grey = (np.clip(values, 0, 1) * fmt.peak).round() + fmt.minimum
        return grey.astype(np.int64).astype(dtype)

    return stored(base), stored(other)


@pytest.mark.parametrize(("dtype", "fmt"), FORMATS)
@pytest.mark.parametrize("noise", [0.0, 0.0005, 0.01, 0.3])
def test_equals_scikit_image(dtype: str, fmt: PixelFormat, noise: float) -> None:
    x, y = pair((130, 217), dtype, fmt, noise, seed=fmt.bits_stored)
    mean, picture = reference(x, y, fmt, full=True)
    assert similarity.ssim(x, y, fmt) == pytest.approx(mean, abs=1e-6)
    mine = similarity.ssim_map(x, y, fmt)
    assert mine.shape == x.shape
    assert mine.dtype == np.float32
    assert np.abs(mine - picture).max() < 1e-4


@settings(max_examples=40, deadline=None)
@given(st.integers(11, 120), st.integers(11, 120), st.floats(0, 1), st.integers(0, 999))
def test_equals_scikit_image_at_any_size(rows: int, columns: int, noise: float, seed: int) -> None:
    fmt = PixelFormat(16)
    x, y = pair((rows, columns), "uint16", fmt, noise, seed)
    assert similarity.ssim(x, y, fmt) == pytest.approx(reference(x, y, fmt), abs=1e-5)


@pytest.mark.parametrize("rows", [11, 95, 96, 97, 98, 100, 101, 102, 107, 191, 192, 193, 198])
def test_equals_scikit_image_where_strips_end(rows: int) -> None:
    fmt = PixelFormat(12)
    x, y = pair((rows, 40), "uint16", fmt, 0.05, rows)
    assert similarity.ssim(x, y, fmt) == pytest.approx(reference(x, y, fmt), abs=1e-6)


def test_extremes_and_constants() -> None:
    fmt = PixelFormat(16)
    black, white = np.zeros((40, 40), np.uint16), np.full((40, 40), 65535, np.uint16)
    for x, y in ((black, white), (white, white), (black, black + 1), (white, white - 1)):
        assert similarity.ssim(x, y, fmt) == pytest.approx(reference(x, y, fmt), abs=1e-5)


def test_real_pairs(shared_data: Path, rg1_path: Path) -> None:
    """What JPEG 2000 makes of a chest of 8 and one of 15 bits."""
    chest = sorted((shared_data / "chest" / "val").glob("*.jp2"))[0]
    codec = registry.get("jpeg2000")
    for path, bits in ((chest, 8), (rg1_path, 15)):
        pixels = read_frame(read_header(path)).pixels[300:900, 200:900]
        fmt = PixelFormat(bits)
        for ratio in (12, 80):
            decoded = codec.decode(codec.encode(pixels, fmt, Target("ratio", ratio)).data).pixels
            expected = reference(pixels, decoded, fmt)
            assert similarity.ssim(pixels, decoded, fmt) == pytest.approx(expected, abs=1e-6)
            slow = slow_similarity.ms_ssim(
                shifted(pixels[:240, :200], fmt), shifted(decoded[:240, :200], fmt), fmt.peak
            )
            fast = similarity.ms_ssim(pixels[:240, :200], decoded[:240, :200], fmt)
            assert fast == pytest.approx(slow, abs=1e-6)


def test_colour_is_the_mean_of_the_channels() -> None:
    fmt = PixelFormat(8)
    x, y = pair((180, 190, 3), "uint8", fmt, 0.05, seed=3)
    assert similarity.ssim(x, y, fmt) == pytest.approx(reference(x, y, fmt), abs=1e-6)
    singles = [similarity.ms_ssim(x[..., i], y[..., i], fmt) for i in range(3)]
    assert similarity.ms_ssim(x, y, fmt) == pytest.approx(np.mean(singles), abs=1e-9)
    assert similarity.ssim_map(x, y, fmt).shape == x.shape


@pytest.mark.parametrize(("rows", "columns"), [(176, 176), (177, 203), (191, 178), (196, 190)])
@pytest.mark.parametrize("noise", [0.003, 0.05, 0.5])
def test_ms_ssim_equals_the_paper(rows: int, columns: int, noise: float) -> None:
    fmt = PixelFormat(12)
    x, y = pair((rows, columns), "uint16", fmt, noise, seed=rows)
    expected = slow_similarity.ms_ssim(shifted(x, fmt), shifted(y, fmt), fmt.peak)
    assert similarity.ms_ssim(x, y, fmt) == pytest.approx(expected, abs=1e-5)


def test_ms_ssim_of_a_negative_is_zero_not_nan() -> None:
    fmt = PixelFormat(8)
    x, _ = pair((200, 200), "uint8", fmt, 0, seed=0)
    assert similarity.ms_ssim(x, (255 - x).astype(np.uint8), fmt) == 0.0


def test_sizes_that_are_too_small() -> None:
    fmt = PixelFormat(8)
    for rows, columns, single, multiple in (
        (10, 300, False, False),
        (300, 10, False, False),
        (11, 11, True, False),
        (175, 400, True, False),
        (176, 176, True, True),
        (1, 1, False, False),
    ):
        x = np.zeros((rows, columns), np.uint8)
        assert (similarity.ssim(x, x, fmt) == 1.0) is single
        assert (similarity.ms_ssim(x, x, fmt) == 1.0) is multiple
        assert similarity.ssim_map(x, x, fmt).shape == x.shape


def test_the_figure_does_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    fmt = PixelFormat(12)
    x, y = pair((500, 300), "uint16", fmt, 0.02, seed=1)
    figures = set()
    for cores in (1, 2, 7):
        monkeypatch.setattr(strips.os, "cpu_count", lambda cores=cores: cores)
        figures.add(similarity.ssim_and_ms_ssim(x, y, fmt))
    assert len(figures) == 1


def test_inputs_are_left_alone_and_may_be_read_only() -> None:
    fmt = PixelFormat(12)
    x, y = pair((60, 60), "uint16", fmt, 0.02, seed=1)
    before = x.copy()
    x.setflags(write=False)
    y.setflags(write=False)
    similarity.ssim_and_ms_ssim(x, y, fmt)
    assert np.array_equal(x, before)


def test_cancel_stops_it() -> None:
    cancel = CancelToken()
    cancel.cancel()
    x = np.zeros((400, 400), np.uint8)
    for measure in (similarity.ssim, similarity.ms_ssim, similarity.ssim_map):
        with pytest.raises(Cancelled):
            measure(x, x, PixelFormat(8), cancel=cancel)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(MeasureError):
        similarity.ssim(np.zeros((20, 20), np.uint8), np.zeros((20, 21), np.uint8), PixelFormat(8))


def test_much_faster_than_scikit_image() -> None:
    """SSIM and MS-SSIM together, against SSIM alone: the figures follow a slider."""
    fmt = PixelFormat(12)
    x, y = pair((1500, 1400), "uint16", fmt, 0.01, seed=2)

    def best(call) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        return min(times)

    fast = best(lambda: similarity.ssim_and_ms_ssim(x, y, fmt))
    slow = best(lambda: reference(x, y, fmt))
    assert fast * 2 < slow

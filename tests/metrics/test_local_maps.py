"""Local PSNR, dissimilarity and the worst blocks against slow, plain computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.errors import Cancelled, MeasureError
from viewer.images.pixel_format import PixelFormat
from viewer.metrics import local_maps
from viewer.metrics.local_maps import BLOCK, dissimilarity, local_psnr, worst_blocks
from viewer.metrics.similarity import ssim
from viewer.progress import CancelToken


def pair(seed, shape=(37, 29), dtype=np.uint16, peak=4095, changed=0.3):
    rng = np.random.default_rng(seed)
    original = rng.integers(0, peak + 1, shape).astype(dtype)
    noise = rng.integers(-30, 31, shape) * (rng.random(shape) < changed)
    return original, np.clip(original.astype(int) + noise, 0, peak).astype(dtype)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999), st.sampled_from([(37, 29), (9, 9), (40, 33, 3)]))
def test_local_psnr_is_that_of_each_neighbourhood(seed, shape):
    original, changed = pair(seed, shape)
    plane = local_psnr(original, changed, PixelFormat(12, False))
    assert plane.shape == shape[:2]
    error = (changed.astype(float) - original) ** 2
    error = error.mean(axis=2) if error.ndim == 3 else error
    mirrored = np.pad(error, 4, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(mirrored, (9, 9)).mean(axis=(2, 3))
    with np.errstate(divide="ignore"):
        expected = 20 * np.log10(4095) - 10 * np.log10(np.where(windows < 1e-9, 0, windows))
    assert np.array_equal(np.isinf(plane), np.isinf(expected))
    finite = np.isfinite(expected)
    assert np.allclose(plane[finite], expected[finite], atol=1e-3)


def test_strips_leave_no_seams(monkeypatch):
    original, changed = pair(1, (100, 40))
    whole = local_psnr(original, changed, PixelFormat(12, False))
    blocks = worst_blocks(original, changed, PixelFormat(12, False), count=20)
    monkeypatch.setattr(local_maps, "_STRIP_ROWS", 16)
    assert np.allclose(local_psnr(original, changed, PixelFormat(12, False)), whole, atol=1e-4)
    assert worst_blocks(original, changed, PixelFormat(12, False), count=20) == blocks


def test_equal_pictures_are_infinitely_alike_even_beside_large_errors():
    original = np.full((64, 64), 65535, np.uint16)
    changed = original.copy()
    changed[:, :8] = 0
    plane = local_psnr(original, changed, PixelFormat(16, False))
    assert np.isinf(plane[:, 12:]).all()
    assert np.isfinite(plane[:, :12]).all()


def test_dissimilarity_has_the_mean_of_ssim():
    original, changed = pair(3, (80, 90))
    plane = dissimilarity(original, changed, PixelFormat(12, False))
    inside = plane[5:-5, 5:-5].mean(dtype=float)
    assert 1 - inside == pytest.approx(ssim(original, changed, PixelFormat(12, False)), abs=1e-5)
    assert not dissimilarity(original, original, PixelFormat(12, False)).any()
    with pytest.raises(MeasureError, match="11 pixels"):
        dissimilarity(original[:8], changed[:8], PixelFormat(12, False))


def starts(size):
    grid = list(range(0, size - BLOCK + 1, BLOCK))
    return grid if size % BLOCK == 0 else [*grid, max(size - BLOCK, 0)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.sampled_from([(37, 29), (16, 16), (7, 50), (40, 33, 3)]))
def test_the_worst_blocks_are_the_worst(seed, shape):
    original, changed = pair(seed, shape, changed=0.02)
    blocks = worst_blocks(original, changed, PixelFormat(12, False), count=5)
    error = (changed.astype(float) - original) ** 2
    every = {}
    for y in starts(shape[0]):
        for x in starts(shape[1]):
            part = error[y : y + BLOCK, x : x + BLOCK]
            if part.any():
                every[x, y] = part.mean()
    expected = sorted(every, key=lambda place: (-every[place], place[1], place[0]))[:5]
    assert [(block.x, block.y) for block in blocks] == expected
    for block in blocks:
        assert block.mean_squared_error == pytest.approx(every[block.x, block.y])
        part = error[block.y : block.y + block.height, block.x : block.x + block.width]
        assert block.max_error == np.sqrt(part.max())
        assert (block.width, block.height) == (min(8, shape[1]), min(8, shape[0]))


def test_padding_is_in_no_block():
    original, changed = pair(5)
    original = original.clip(1, None)
    original[:16, :16] = 0
    changed[:16, :16] = 4095
    blocks = worst_blocks(original, changed, PixelFormat(12, False), padding=(0, 0))
    assert not [block for block in blocks if block.x < 16 and block.y < 16]


def test_long_work_can_be_stopped():
    token = CancelToken()
    token.cancel()
    for function in (local_psnr, worst_blocks):
        with pytest.raises(Cancelled):
            function(*pair(0), PixelFormat(12, False), cancel=token)

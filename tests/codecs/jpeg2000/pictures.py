"""What the tests of JPEG 2000 code, and how they judge it."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.codecs.base import PixelFormat, Target

LOSSLESS = Target("lossless")


def independent_psnr(first: NDArray, second: NDArray, peak: int) -> float:
    """By the definition, in Python's own whole numbers."""
    squares = sum((int(a) - int(b)) ** 2 for a, b in zip(first.flat, second.flat, strict=True))
    return math.inf if squares == 0 else 10 * math.log10(peak**2 * first.size / squares)


def fast_psnr(first: NDArray, second: NDArray, peak: int) -> float:
    mse = float(np.mean((first.astype(np.float64) - second.astype(np.float64)) ** 2))
    return math.inf if mse == 0 else 10 * math.log10(peak**2 / mse)


def textured(rows: int, columns: int, fmt: PixelFormat, dtype: str, seed: int = 0) -> NDArray:
    """A soft shape with grain over most of the range of the format."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    wave = 0.5 + 0.3 * np.sin(x / 17) * np.cos(y / 23) + 0.01 * rng.standard_normal((rows, columns))
    return (np.clip(wave, 0, 1) * fmt.peak + fmt.minimum).round().astype(np.int64).astype(dtype)


@st.composite
def pictures(draw: st.DrawFn) -> tuple[NDArray, PixelFormat]:
    dtype = draw(st.sampled_from(["uint8", "uint16", "int16"]))
    signed = dtype == "int16" and draw(st.booleans())
    limit = {"uint8": 8, "uint16": 16, "int16": 16 if signed else 15}[dtype]
    fmt = PixelFormat(draw(st.integers(1, limit)), signed)
    shape: tuple[int, ...] = (draw(st.integers(1, 70)), draw(st.integers(1, 70)))
    if draw(st.integers(0, 3)) == 0:
        shape = (*shape, 3)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        values = rng.integers(0, fmt.peak + 1, shape)
    else:
        values = np.full(shape, draw(st.integers(0, fmt.peak)))
    return (values + fmt.minimum).astype(dtype), fmt

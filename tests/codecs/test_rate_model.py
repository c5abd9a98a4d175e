"""What sizes are expected, against what OpenJPEG gives."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs import openjpeg
from viewer.codecs.rate_model import rate_model
from viewer.images.opening import read_frame, read_header


def test_a_real_15_bit_radiograph(rg1_path: Path) -> None:
    pixels = read_frame(read_header(rg1_path)).pixels
    model = rate_model(pixels, 32767)
    for level in (47.0, 52.0, 60.0):
        size = len(openjpeg.encode(pixels, 15, level, reversible=False))
        assert model.level(8 * size / pixels.size) == pytest.approx(level, abs=1.5)


def test_real_chest_radiographs(shared_data: Path) -> None:
    for path in sorted((shared_data / "chest" / "val").glob("*.jp2"))[:3]:
        pixels = read_frame(read_header(path)).pixels
        model = rate_model(pixels, 255)
        for level in (44.0, 48.0, 51.0):
            size = len(openjpeg.encode(pixels, 8, level, reversible=False))
            assert model.level(8 * size / pixels.size) == pytest.approx(level, abs=2.5)


def test_noise_costs_a_bit_for_six_decibels() -> None:
    rng = np.random.default_rng(0)
    levels = []
    for deviation in (50, 100, 200, 400):
        noise = rng.normal(8000, deviation, (512, 512)).round().astype(np.uint16)
        levels.append(rate_model(noise, 16383).level(2.0))
    assert all(a - b == pytest.approx(6.02, abs=0.3) for a, b in pairwise(levels))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.booleans(),
    st.sampled_from([1, 8, 12, 16]),
    st.booleans(),
)
def test_any_picture_has_a_rising_curve(
    rows: int, columns: int, colour: bool, bits: int, constant: bool
) -> None:
    shape = (rows, columns, 3) if colour else (rows, columns)
    peak = 2**bits - 1
    pixels = np.random.default_rng(0).integers(0, peak + 1, shape).astype(np.uint16)
    model = rate_model(np.full_like(pixels, peak) if constant else pixels, peak)
    levels = [model.level(rate) for rate in (1e-5, 1e-3, 0.05, 0.3, 1.0, 4.0, 20.0)]
    assert all(math.isfinite(level) for level in levels)
    assert all(a <= b + 1e-9 for a, b in pairwise(levels))

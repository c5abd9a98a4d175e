"""Tiles, codes and tables of the dense codec."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.dense import code_coding as coding
from viewer.codecs.dense.tiles import MEANS, SCALES, SIDE, cut, grid, join
from viewer.errors import CodecError


def tables(size: int, seed: int = 0) -> coding.Tables:
    rng = np.random.default_rng(seed)
    seen = rng.integers(0, coding.LEVELS, (200, size)) ** 2 // coding.LEVELS
    made = coding.Tables(
        np.stack([coding.frequencies(column, coding.LEVELS) for column in seen.T]),
        coding.frequencies(rng.integers(0, 4, 100), coding.LENGTHS),
        coding.frequencies(rng.integers(3, 9, 100), SCALES),
    )
    made.check(size)
    return made


@given(
    down=st.integers(1, 4),
    across=st.integers(1, 4),
    size=st.sampled_from([1, 22]),
    seed=st.integers(0, 99),
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_coded_comes_back(down: int, across: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = down * across
    levels = rng.integers(0, coding.LEVELS, (count, size))
    means = rng.integers(0, MEANS, count)
    means[: count // 2] = rng.choice([0, MEANS - 1], count // 2)
    scales = rng.integers(0, SCALES, count)
    data = coding.encode(tables(size), levels, means, scales, across)
    for found, put in zip(
        coding.decode(tables(size), data, count, across), (levels, means, scales), strict=True
    ):
        np.testing.assert_array_equal(found, put)


def test_numbers_are_off_by_a_hundred_and_twenty_eighth_at_most() -> None:
    codes = np.linspace(0, 1, 100_001, dtype=np.float32)
    off = np.abs(coding.restore(coding.quantise(codes)) - codes)
    assert off.max() <= 1 / 128 + 1e-6
    assert coding.quantise(codes).max() == 63


def test_bytes_do_not_change_from_version_to_version() -> None:
    rng = np.random.default_rng(5)
    data = coding.encode(
        tables(8),
        rng.integers(0, coding.LEVELS, (12, 8)),
        rng.integers(0, MEANS, 12),
        rng.integers(0, SCALES, 12),
        4,
    )
    assert hashlib.sha256(data).hexdigest()[:16] == "f9555776bbd0fc34"


def test_damaged_bytes_give_tiles_or_a_sentence() -> None:
    rng = np.random.default_rng(1)
    data = coding.encode(
        tables(22),
        rng.integers(0, coding.LEVELS, (20, 22)),
        rng.integers(1000, 1100, 20),
        rng.integers(3, 9, 20),
        5,
    )
    with pytest.raises(CodecError, match="whole number"):
        coding.decode(tables(22), data[:-1], 20, 5)
    with pytest.raises(CodecError):
        coding.decode(tables(22), data + bytes(400), 20, 5)
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 0x21
        try:
            levels, means, scales = coding.decode(tables(22), bytes(altered), 20, 5)
        except CodecError:
            continue
        assert levels.shape == (20, 22)
        assert means.min() >= 0
        assert means.max() < MEANS
        assert scales.max() < SCALES


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (29, 57), (100, 30)])
def test_tiles_join_to_the_picture(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    values = (0.4 + 0.1 * rng.random(shape)).astype(np.float32)
    tiles = cut(values)
    assert len(tiles.means) == np.prod(grid(*shape))
    assert tiles.shapes.shape[1] == SIDE * SIDE
    assert tiles.shapes.min() >= 0
    assert tiles.shapes.max() <= 1
    np.testing.assert_allclose(join(tiles, *shape), values, atol=1e-6)


def test_flat_tiles_are_flat_again() -> None:
    values = np.full((56, 56), 0.25, np.float32)
    assert np.abs(join(cut(values), 56, 56) - values).max() < 2**-11.5 + 1 / MEANS


def test_tables_that_do_not_add_up_are_refused() -> None:
    good = tables(4)
    for codes in (good.codes[:3], good.codes * 2, good.codes - 5):
        with pytest.raises(ValueError, match="tables"):
            coding.Tables(codes, good.lengths, good.scales).check(4)

"""Symbols to bytes and back; the lowest band; the tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.vqvae2 import lowest_band
from viewer.codecs.vqvae2.later_coding import LaterEncoder, TileCode
from viewer.codecs.vqvae2.layout import padded, tiles
from viewer.codecs.vqvae2.symbol_coding import SymbolDecoder, SymbolEncoder, estimate_bits
from viewer.codecs.vqvae2.tables import (
    SCALES,
    dequantise,
    of_quantisers,
    place,
    to_codes,
    to_symbols,
)
from viewer.codecs.vqvae2.tile_encoding import choose_symbols
from viewer.training.vqvae2_export import starting_tables

TABLES = starting_tables(dependent=False)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_any_codes_come_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 400))
    scale = rng.integers(0, SCALES, count).astype(np.int32)
    mean = rng.integers(-128, 129, count).astype(np.int32)
    codes = np.rint(rng.laplace(0, 2.0 ** rng.uniform(-3, 12, count))).astype(np.int32)
    at = place(scale, mean)
    symbols = to_symbols(codes, at)
    np.testing.assert_array_equal(to_codes(symbols, at), codes)
    writer = SymbolEncoder(TABLES)
    writer.put(symbols, at)
    writer.put(symbols, at)
    data = writer.finish()
    reader = SymbolDecoder(TABLES, data)
    np.testing.assert_array_equal(reader.get(at), symbols)
    np.testing.assert_array_equal(reader.get(at), symbols)
    assert 8 * len(data) <= 2 * estimate_bits(symbols, at, TABLES) * 1.01 + 96


def test_the_estimate_is_the_length() -> None:
    rng = np.random.default_rng(0)
    scale = rng.integers(0, SCALES, 20000).astype(np.int32)
    at = place(scale, np.zeros(20000, np.int32))
    codes = np.rint(rng.laplace(0, 2.0 ** (scale / 4 - 4))).astype(np.int32)
    symbols = to_symbols(codes, at)
    writer = SymbolEncoder(TABLES)
    writer.put(symbols, at)
    assert 8 * len(writer.finish()) == pytest.approx(estimate_bits(symbols, at, TABLES), rel=2e-3)


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=20, deadline=None)
def test_values_are_what_the_document_says(seed: int, large: bool) -> None:
    """Code by code, in numbers without bounds."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 200))
    scale = rng.integers(0, SCALES if large else 28, count).astype(np.int32)
    at = place(scale, rng.integers(-128, 129, count).astype(np.int32))
    quantisers = rng.integers(0, 2, count).astype(np.int8)
    at = of_quantisers(at, quantisers)
    tables = starting_tables(dependent=True)
    symbols = np.rint(rng.laplace(0, 2.0 ** rng.uniform(-2, 9, count))).astype(np.int32)
    codes, middles = dequantise(symbols, at, tables)
    for k, symbol in enumerate(symbols.tolist()):
        shifted = at.shift is not None and at.shift[k] > 0
        add = 0 if shifted else int(tables.centroids[at.row[k], min(max(symbol, -2), 2) + 2])
        sign = -1 if at.mirrored[k] else 1
        code = sign * symbol + int(at.whole[k])
        nearer = -int(np.sign(code)) * 128 if quantisers[k] else 0
        assert codes[k] == code
        assert middles[k] == 256 * code + sign * add + nearer


def test_reconstruction_points_lie_in_their_bins() -> None:
    scale, mean = np.full(9, 12, np.int32), np.array([-9, -4, -1, 0, 1, 3, 4, 5, 9], np.int32)
    at = place(scale, mean)
    codes = np.arange(-4, 5, dtype=np.int32)
    middle = dequantise(to_symbols(codes, at), at, TABLES)[1]
    assert (np.abs(middle / 256 - codes) <= 0.5).all()


def test_a_bit_has_its_worth() -> None:
    rng = np.random.default_rng(2)
    at = place(np.full(5000, 6, np.int32), np.zeros(5000, np.int32))
    values = rng.laplace(0, 0.3, 5000).astype(np.float32)
    plain = choose_symbols(values, at, TABLES, 0.0)
    thrifty = choose_symbols(values, at, TABLES, 0.11)
    np.testing.assert_array_equal(plain, np.rint(values))
    assert (np.abs(thrifty) <= np.abs(plain)).all()
    assert estimate_bits(thrifty, at, TABLES) < estimate_bits(plain, at, TABLES)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_lowest_band_is_visited_once_and_comes_back(rows: int, columns: int, seed: int) -> None:
    band = np.random.default_rng(seed).integers(-999, 999, (rows, columns)).astype(np.int32)
    residuals = []

    def write(predictions: np.ndarray, r: slice, c: slice) -> np.ndarray:
        residuals.append(band[r, c] - predictions)
        return band[r, c]

    lowest_band.walk(rows, columns, write)
    assert sum(r.size for r in residuals) == band.size
    assert len(residuals) == lowest_band.passes(rows, columns)
    waiting = iter(residuals)
    back = lowest_band.walk(rows, columns, lambda predictions, r, c: predictions + next(waiting))
    np.testing.assert_array_equal(back, band)


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([128, 1024, 4096]))
@settings(max_examples=40, deadline=None)
def test_tiles_cover_the_picture_once(rows: int, columns: int, side: int) -> None:
    found = tiles(rows, columns, side)
    assert sum(t.height * t.width for t in found) == padded(rows) * padded(columns)
    for tile in found:
        assert 0 < tile.height <= side
        assert 0 < tile.width <= side
        assert tile.top % 64 == tile.left % 64 == tile.height % 64 == tile.width % 64 == 0


def _read(words: list[int], cumulatives: list[np.ndarray]) -> list[int]:
    """The range decoder as docs/BITSTREAM_VQVAE2.md describes it, in plain integers."""
    mask = (1 << 64) - 1
    waiting = iter([*words, *[0] * (len(cumulatives) + 2)])
    point = (next(waiting) << 32) | next(waiting)
    lower, extent, symbols = 0, mask, []
    for left in cumulatives:
        unit = extent >> 24
        at = ((point - lower) & mask) // unit
        k = int(np.searchsorted(left, at, side="right")) - 1
        lower = (lower + unit * int(left[k])) & mask
        extent = unit * int(left[k + 1] - left[k])
        if extent < 1 << 32:
            lower, extent = (lower << 32) & mask, (extent << 32) & mask
            point = ((point << 32) | next(waiting)) & mask
        symbols.append(k)
    return symbols


def test_the_coder_is_the_one_described() -> None:
    rng = np.random.default_rng(7)
    scale = np.sort(rng.integers(0, 28, 3000)).astype(np.int32)
    at = place(scale, np.zeros(3000, np.int32))
    symbols = np.rint(rng.laplace(0, 2.0 ** (scale / 4 - 4))).clip(-30, 30).astype(np.int32)
    writer = SymbolEncoder(TABLES)
    writer.put(symbols, at)
    words = np.frombuffer(writer.finish(), "<u4").tolist()
    cumulatives = []
    for row in at.row:
        before = np.concatenate([[0], np.cumsum(TABLES.frequencies[row])])[:-1]
        left = np.floor(before / 65536 * (2**24 - 63)).astype(np.int64) + np.arange(63)
        cumulatives.append(np.append(left, 1 << 24))
    assert _read(words, cumulatives) == (symbols + 31).tolist()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_what_is_written_later_is_what_is_written_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    now, later = SymbolEncoder(TABLES), LaterEncoder(TABLES)
    for _ in range(3):
        count = int(rng.integers(1, 900))
        at = place(rng.integers(0, SCALES, count), rng.integers(-99, 100, count))
        symbols = np.rint(rng.laplace(0, 3, count)).astype(np.int32)
        now.put(symbols, at)
        later.put(symbols, at)
    code = TileCode(b"head", later)
    guess = code.bits
    assert code.data() == b"head" + now.finish()
    assert code.data() is code.data()
    assert code.bits == 8 * len(code.data())
    assert abs(guess - code.bits) <= 64 + 0.01 * code.bits

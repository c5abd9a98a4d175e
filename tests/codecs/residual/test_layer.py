"""Every pixel within the bound, whatever the picture; nothing wrong taken for right."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.base import PixelFormat
from viewer.codecs.residual import distributions, layer, ranks
from viewer.codecs.residual.layout import PHASES, known_neighbours, picture_neighbours, tiles
from viewer.codecs.residual.parameters import mean_count, scale_count
from viewer.errors import CodecError


def kind_of(form: PixelFormat) -> str:
    return ("int" if form.signed else "uint") + ("8" if form.bits_stored <= 8 else "16")


def made(
    seed: int, rows: int, columns: int, form: PixelFormat, sort: str
) -> tuple[np.ndarray, np.ndarray]:
    """A picture of the format and what a lossy decoder might have made of it, in 1/64."""
    rng = np.random.default_rng(seed)
    low, peak = form.minimum, form.peak
    y, x = np.mgrid[0:rows, 0:columns]
    if sort == "noise":
        values = rng.integers(low, low + peak + 1, (rows, columns))
    elif sort == "extremes":
        values = np.where(rng.random((rows, columns)) < 0.5, low, low + peak)
    elif sort == "flat":
        values = np.full((rows, columns), low + peak // 3)
    else:
        smooth = low + peak * (0.5 + 0.4 * np.sin(x / 9) * np.cos(y / 7))
        values = smooth + rng.normal(0, max(peak / 200, 0.4), (rows, columns))
    values = np.clip(np.round(values), low, low + peak).astype(np.int32)
    if sort == "sparse":
        values = (values - low) // 7 * 7 + low
    lack = rng.normal(0, max(peak / 100, 1.0), (rows, columns)) * (sort != "flat")
    picture = np.round(64 * (values + lack)).astype(np.int32)
    return values.astype(kind_of(form)), picture


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    rows=st.integers(1, 90),
    columns=st.integers(1, 90),
    bits=st.integers(1, 16),
    signed=st.booleans(),
    bound=st.sampled_from((0, 0, 1, 2, 7, 300)),
    sort=st.sampled_from(("radiograph", "noise", "extremes", "flat", "sparse")),
)
def test_every_pixel_is_within_the_bound(seed, rows, columns, bits, signed, bound, sort) -> None:
    form = PixelFormat(bits, signed)
    pixels, picture = made(seed, rows, columns, form, sort)
    data = layer.encode(pixels, picture, form, bound, tile=64)
    given_back = layer.decode(data, picture, form, pixels.dtype.name)
    assert given_back.dtype == pixels.dtype
    assert given_back.shape == pixels.shape
    assert np.abs(given_back.astype(int) - pixels).max() <= bound
    assert layer.bound_of(data) == bound


@pytest.mark.parametrize("bound", [0, 3])
def test_a_picture_far_off_is_corrected_all_the_same(bound: int) -> None:
    form = PixelFormat(16, True)
    pixels, _ = made(1, 70, 130, form, "noise")
    for level in (-(1 << 15), (1 << 15) - 1, 1 << 20, -(1 << 20)):
        picture = np.full(pixels.shape, level * 64, np.int32)
        data = layer.encode(pixels, picture, form, bound)
        found = layer.decode(data, picture, form, "int16")
        assert np.abs(found.astype(int) - pixels).max() <= bound


def test_near_lossless_is_smaller_and_gaps_cost_nothing() -> None:
    form = PixelFormat(12, False)
    pixels, picture = made(2, 256, 256, form, "radiograph")
    sizes = [len(layer.encode(pixels, picture, form, bound)) for bound in (0, 1, 2, 8)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.6 * sizes[0]
    gaps = (pixels // 7 * 7).astype(np.uint16)
    with_ranks = len(layer.encode(gaps, picture, form, 0))
    assert with_ranks < sizes[0] - 256 * 256 * 2.3 / 8


def test_a_bound_never_costs_more_than_exactness_where_values_have_gaps() -> None:
    form = PixelFormat(14, False)
    pixels, picture = made(7, 256, 256, form, "radiograph")
    gaps = (pixels // 16 * 16).astype(np.uint16)
    exact, near, far = (len(layer.encode(gaps, picture, form, bound)) for bound in (0, 3, 40))
    assert near == exact
    assert far < 0.8 * exact
    for bound in (3, 9, 17, 40):
        data = layer.encode(gaps, picture, form, bound)
        found = layer.decode(data, picture, form, "uint16")
        assert np.abs(found.astype(int) - gaps).max() <= bound


def test_what_is_fitted_helps() -> None:
    """Close to the noise's own entropy, where the picture lacks nothing but noise."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[0:512, 0:512]
    sigma = 1.5 + 3 * (x > 256)
    smooth = 1000 + x + 2 * y
    pixels = np.round(smooth + rng.normal(0, sigma)).astype(np.uint16)
    data = layer.encode(pixels, (64 * smooth).astype(np.int32), PixelFormat(12, False), 0)
    entropy = float(np.log2(sigma * np.sqrt(2 * np.pi * np.e)).sum()) / 8
    assert len(data) < 1.035 * entropy


@pytest.fixture(scope="module")
def coded() -> tuple[bytes, np.ndarray, np.ndarray, PixelFormat]:
    form = PixelFormat(10, False)
    pixels, picture = made(5, 150, 140, form, "radiograph")
    return layer.encode(pixels, picture, form, 0, tile=64), pixels, picture, form


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**30))
def test_altered_layers_are_refused(coded, seed: int) -> None:
    data, _pixels, picture, form = coded
    rng = np.random.default_rng(seed)
    altered = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        sort = rng.integers(4)
        at = int(rng.integers(len(altered)))
        if sort == 0:
            altered[at] ^= 1 << int(rng.integers(8))
        elif sort == 1:
            del altered[at:]
            break
        elif sort == 2:
            altered[at:at] = bytes(rng.integers(0, 256, 3, np.uint8))
        else:
            altered[at] = int(rng.integers(256))
    if bytes(altered) == data:
        return
    with pytest.raises(CodecError) as caught:
        layer.decode(bytes(altered), picture, form, "uint16")
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**30))
def test_forged_tiles_neither_crash_nor_pass(coded, seed: int) -> None:
    """Checksums made good again: what the tile itself says is checked, and what it gives."""
    data, pixels, picture, form = coded
    rng = np.random.default_rng(seed)
    _, parts = layer.unpack(data, *pixels.shape, form)
    altered = bytearray(data)
    start = len(data) - sum(len(part.data) for part in parts)
    at = start + int(rng.integers(min(700, len(parts[0].data))))
    altered[at] = int(rng.integers(256))
    fixed, entry, check = layer._FIXED.size, layer._ENTRY.size, layer._CRC.size
    size = len(parts[0].data)
    forged = layer._ENTRY.pack(size, zlib.crc32(altered[start : start + size]), parts[0].values_crc)
    altered[fixed : fixed + entry] = forged
    altered[start - check : start] = layer._CRC.pack(zlib.crc32(altered[: start - check]))
    try:
        found = layer.decode(bytes(altered), picture, form, "uint16")
    except CodecError:
        return
    assert (found == pixels).all()


def test_another_picture_is_noticed(coded) -> None:
    data, _, picture, form = coded
    other = picture.copy()
    other[3, 5] += 64 * 40
    with pytest.raises(CodecError, match=r"does not give the values|cannot be decoded|missing"):
        layer.decode(data, other, form, "uint16")


def test_foreign_future_truncated(coded) -> None:
    data, _, picture, form = coded
    for wrong, sentence in (
        (b"", "truncated"),
        (b"JUNK" + data[4:], "not the part"),
        (data[:4] + b"\x02" + data[5:], "version 2"),
        (data[:-1], "truncated in its exact part"),
        (data + b"x", "something was added"),
    ):
        with pytest.raises(CodecError, match=sentence):
            layer.decode(wrong, picture, form, "uint16")


def test_requests_beyond_what_can_be_coded() -> None:
    form = PixelFormat(8, False)
    pixels, picture = made(1, 8, 8, form, "noise")
    with pytest.raises(CodecError, match="cannot be asked for"):
        layer.encode(pixels, picture, form, -1)
    with pytest.raises(CodecError, match="beyond 4 stored bits"):
        layer.encode(pixels, picture, PixelFormat(4, False), 0)


def test_frequencies_are_the_same_on_every_machine() -> None:
    """No share lies so near to a half that a last digit could decide; sums are what coders need."""
    shares = distributions.shares()
    assert np.abs(shares - np.floor(shares) - 0.5).min() > 1e-6
    found = distributions.frequencies()
    assert found.min() >= 1
    assert (found.sum(-1) == 1 << distributions.FREQUENCY_BITS).all()
    assert zlib.crc32(found.astype("<i4").tobytes()) == 0xAD95F1B2


def test_neighbours_are_those_of_the_picture() -> None:
    for phase, (y, x) in enumerate(PHASES):
        for near in (*known_neighbours(phase), *picture_neighbours(phase)):
            down = 2 * near.down + PHASES[near.plane][0] - y
            right = 2 * near.right + PHASES[near.plane][1] - x
            assert max(abs(down), abs(right)) <= 2
        assert mean_count(phase) == len(known_neighbours(phase)) + 13
        assert scale_count(phase) >= mean_count(phase)
    assert [len(known_neighbours(phase)) for phase in range(4)] == [0, 4, 12, 16]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000), st.integers(1, 300), st.sampled_from((64, 128, 1024)))
def test_tiles_cover_a_picture_once(rows: int, columns: int, side: int) -> None:
    seen = np.zeros((rows, columns), np.uint8)
    for tile in tiles(rows, columns, side):
        assert tile.top % 2 == tile.left % 2 == 0
        assert 1 <= tile.height <= side
        assert 1 <= tile.width <= side
        seen[tile.place] += 1
    assert (seen == 1).all()


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 255), min_size=1, max_size=60))
def test_ranks(values: set[int]) -> None:
    used = np.array(sorted(values), np.int32)
    assert (ranks.unpack(ranks.pack(used, 0, 256), 0, 256) == used).all()
    picture = np.arange(-640, 260 * 64, dtype=np.int32)
    placed = ranks.picture_to_ranks(picture, used)
    assert (np.diff(placed) >= 0).all()
    assert (ranks.picture_to_ranks(used << 6, used) >> 6 == ranks.to_ranks(used, used)).all()
    for bound in (1, 4):
        some = ranks._representatives(used, bound)
        assert np.abs(some[ranks.to_ranks(used, some)] - used).max() <= bound
    for wrong in (b"", ranks.pack(used, 0, 256)[:-2], zlib.compress(b"\0" * 32)):
        with pytest.raises(CodecError):
            ranks.unpack(wrong, 0, 256)

"""Code indices survive the range coder for any size, and cost what their tables say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.index_choice import IndexChooser
from viewer.codecs.index_coding import IndexCoder
from viewer.codecs.index_contexts import IndexWalk
from viewer.codecs.index_tables import IndexTables, Integers, frequencies_from_counts
from viewer.codecs.paper_rate import fit_lagrangian
from viewer.errors import CodecError, ModelError
from viewer.progress import CancelToken
from viewer.training.index_statistics import build_tables

SIZES = {"top": (24, 40, 16), "bottom": (16, 32)}
DIMENSIONS = {"top": (1, 4, 3), "bottom": (2, 3)}


@cache
def codewords(level: str) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    books = [
        (rng.standard_normal((size, d)) * 4).astype(np.float32)
        for size, d in zip(SIZES[level], DIMENSIONS[level], strict=True)
    ]
    if level == "top":
        books[0].sort(axis=0)
    return tuple(books)


def maps(height: int, width: int, seed: int, smooth: bool = False) -> tuple[Integers, Integers]:
    rng = np.random.default_rng(seed)
    top = np.stack([rng.integers(size, size=(height, width)) for size in SIZES["top"]])
    bottom = np.stack(
        [rng.integers(size, size=(2 * height, 2 * width)) for size in SIZES["bottom"]]
    )
    if smooth:
        ramp = np.add.outer(np.arange(height), np.arange(width)) * 23 // (height + width)
        top[0] = np.clip(ramp + rng.integers(-1, 2, size=ramp.shape), 0, 23)
    return top, bottom


@cache
def tables() -> IndexTables:
    return build_tables(
        [maps(24, 24, seed, smooth=True) for seed in range(6)],
        codewords("top"),
        codewords("bottom"),
    )


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 21),
    width=st.integers(1, 21),
    seed=st.integers(0, 1000),
)
def test_any_maps_come_back(height: int, width: int, seed: int) -> None:
    top, bottom = maps(height, width, seed)
    coder = IndexCoder(tables())
    data = coder.encode(top, bottom)
    top_again, bottom_again = coder.decode(data, height, width)
    np.testing.assert_array_equal(top_again, top)
    np.testing.assert_array_equal(bottom_again, bottom)


def test_each_place_is_written_once() -> None:
    top, bottom = maps(7, 10, 3)
    walk = IndexWalk(tables(), 7, 10)
    seen = {"top": np.zeros_like(top), "bottom": np.zeros_like(bottom)}
    for step in walk.steps():
        level = top if step.level == "top" else bottom
        seen[step.level][step.group, step.rows, step.columns] += 1
        walk.put(step, level[step.group, step.rows, step.columns])
    assert (seen["top"] == 1).all()
    assert (seen["bottom"] == 1).all()


def test_a_smooth_top_level_costs_less_than_its_zero_order_entropy() -> None:
    top, bottom = maps(32, 32, 99, smooth=True)
    walk = IndexWalk(tables(), 32, 32)
    bits = 0.0
    for step in walk.steps():
        level, groups = (top, tables().top) if step.level == "top" else (bottom, tables().bottom)
        indices = level[step.group, step.rows, step.columns]
        if step.level == "top" and step.group == 0:
            symbols = step.symbols(indices, groups[0].size)
            bits += groups[0].code_lengths()[step.contexts, symbols].sum()
        walk.put(step, indices)
    shares = np.bincount(top[0].ravel()) / top[0].size
    shares = shares[shares > 0]
    assert bits < 0.8 * top[0].size * -(shares * np.log2(shares)).sum()


def test_the_chooser_counts_the_bits_that_are_written() -> None:
    rng = np.random.default_rng(5)
    chooser = IndexChooser(tables(), codewords("top"), codewords("bottom"))
    top = (rng.standard_normal((8, 20, 20)) * 4).astype(np.float32)
    bottom = (rng.standard_normal((5, 40, 40)) * 4).astype(np.float32)
    spent = []
    for lagrangian in (0.0, 0.5, 5.0):
        walk = IndexWalk(tables(), 20, 20)
        bits = chooser.choose_top(walk, top, lagrangian)
        bits += chooser.choose_bottom(walk, bottom, lagrangian)
        written = 8 * len(IndexCoder(tables()).encode(walk.top, walk.bottom))
        assert abs(written - bits) < 100
        spent.append(bits)
    assert spent[0] > spent[1] > spent[2]


def test_without_a_lagrangian_the_nearest_codeword_is_chosen() -> None:
    rng = np.random.default_rng(6)
    chooser = IndexChooser(tables(), codewords("top"), codewords("bottom"))
    latents = (rng.standard_normal((8, 9, 11)) * 4).astype(np.float32)
    walk = IndexWalk(tables(), 9, 11)
    chooser.choose_top(walk, latents, 0.0)
    start = 0
    for group, book in enumerate(codewords("top")):
        points = latents[start : start + book.shape[1]].reshape(book.shape[1], -1).T
        distances = np.square(points[:, None] - book[None]).sum(2)
        chosen = distances[np.arange(len(points)), walk.top[group].ravel()]
        np.testing.assert_allclose(chosen, distances.min(1), rtol=1e-4, atol=1e-4)
        start += book.shape[1]


def test_truncated_indices_are_noticed() -> None:
    top, bottom = maps(16, 16, 8)
    data = IndexCoder(tables()).encode(top, bottom)
    with pytest.raises(CodecError):
        IndexCoder(tables()).decode(data[:-3], 16, 16)
    with pytest.raises(CodecError):
        IndexCoder(tables()).decode(data + bytes(64), 16, 16)


def test_a_cancelled_coding_stops() -> None:
    from viewer.errors import Cancelled

    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        IndexCoder(tables()).encode(*maps(4, 4, 0), cancel=token)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=300))
def test_frequencies_are_whole_and_never_zero(counts: list[int]) -> None:
    rows = np.array([counts, counts[::-1]], np.float64)
    frequencies = frequencies_from_counts(rows).astype(np.int64)
    assert (frequencies.sum(1) == 1 << 16).all()
    assert (frequencies > 0).all()


def test_tables_are_checked() -> None:
    named = dict(tables().arrays())
    assert IndexTables.from_arrays(named, 3, 2).top[0].size == 24
    del named["means"]
    with pytest.raises(ModelError, match="means"):
        IndexTables.from_arrays(named, 3, 2)
    named = dict(tables().arrays())
    named["bottom.1.frequencies"] = named["bottom.1.frequencies"] // 2
    with pytest.raises(ModelError, match="do not fit"):
        IndexTables.from_arrays(named, 3, 2)


@given(scale=st.floats(0.05, 20.0), floor=st.floats(0.0, 0.5), steep=st.floats(0.2, 1.5))
def test_the_rate_search_stays_within_the_budget(scale: float, floor: float, steep: float) -> None:
    budget = 1000.0

    def bits_at(lagrangian: float) -> float:
        return budget * (floor + scale * lagrangian**-steep)

    lagrangian, bits = fit_lagrangian(bits_at, budget, 1.0)
    assert bits == bits_at(lagrangian)
    assert bits <= budget or lagrangian == pytest.approx(200.0)

"""Blocks of the fine levels that have no codes: flags, and predictions of the others alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.vqvae2 import active, container, kept, level_context, tile_walk
from viewer.codecs.vqvae2.active import SIDE, Blocks, flag_bits, flag_rows, surroundings
from viewer.codecs.vqvae2.block_prediction import BlockContext
from viewer.codecs.vqvae2.codec import Vqvae2
from viewer.codecs.vqvae2.lane_coding import LaneDecoder
from viewer.codecs.vqvae2.later_coding import LaterEncoder
from viewer.codecs.vqvae2.level_context import LevelContext
from viewer.codecs.vqvae2.model import load_path
from viewer.codecs.vqvae2.tile_encoding import TileChooser
from viewer.errors import CodecError
from viewer.networks.vqvae2_prior import GROUPS
from viewer.training.vqvae2_export import starting_tables

TABLES = starting_tables(dependent=True)


def test_frequencies_are_frequencies() -> None:
    assert active.FLAG_FREQUENCIES.shape == (4 * active.CLASSES, 2)
    assert (active.FLAG_FREQUENCIES > 0).all()
    assert (active.FLAG_FREQUENCIES.sum(1) == 1 << active.FLAG_BITS).all()
    often = active.FLAG_FREQUENCIES[:, 1].reshape(4, active.CLASSES)
    assert (np.diff(often) >= 0).all(), "more codes around make codes likelier"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400), st.integers(0, 2**32 - 1))
def test_flags_come_back(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = flag_rows(1 + seed % 2, seed % 5, rng.integers(0, active.CLASSES, count))
    flags = rng.random(count) < active.FLAG_FREQUENCIES[rows, 1] / 65536
    writer = LaterEncoder(TABLES)
    writer.put_flags(flags, rows)
    foreseen = writer.bits
    data = writer.finish()
    reader = LaneDecoder(TABLES, data)
    np.testing.assert_array_equal(reader.get_flags(rows), flags)
    assert abs(8 * len(data) - foreseen) <= 64
    assert foreseen == pytest.approx(64 + flag_bits(flags, rows).sum())


def test_what_is_cut_out_goes_back() -> None:
    rng = np.random.default_rng(2)
    planes = rng.integers(-9, 9, (3, 24, 40)).astype(np.int32)
    blocks = Blocks.every(24, 40).only(rng.random(15) < 0.5)
    back = np.zeros_like(planes)
    for cut, plane in zip(blocks.gather(planes), back, strict=True):
        blocks.scatter(cut, plane)
    mask = np.zeros(15, bool)
    mask[blocks.numbers] = True
    mask = mask.reshape(3, 5).repeat(SIDE, 0).repeat(SIDE, 1)
    np.testing.assert_array_equal(back, np.where(mask, planes, 0))


def test_surroundings_count_own_codes_four_times() -> None:
    planes = np.zeros((2, 24, 24), np.uint8)
    planes[0, 9, 9] = planes[1, 15, 8] = 1  # two in the middle block of 3x3
    planes[1, 0, 0] = 3  # one in the first
    among = Blocks.every(24, 24)
    totals = np.array([4 + 2, 1 + 2, 2, 1 + 2, 8 + 1, 2, 2, 2, 2])
    expected = np.searchsorted(active.EDGES, totals, side="right")
    np.testing.assert_array_equal(surroundings(planes, among), expected)


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_blocks_alone_are_predicted_as_in_the_whole(random_model: Path, share: float) -> None:
    """Also at the borders, where the grid's zeros must be seen and not the patch's."""
    prior = load_path(random_model).prior(1)
    rng = np.random.default_rng(7)
    rows, columns = 40, 56
    planes = rng.integers(0, 256, (36, rows, columns)).astype(np.uint8)
    flags = rng.random(rows * columns // SIDE**2) < share
    flags[[0, 6, -1]] = True
    blocks = Blocks.every(rows, columns).only(flags)
    with torch.inference_mode():
        whole, alone = LevelContext(prior, planes), BlockContext(prior, planes, blocks)
        grid = np.zeros((12, rows, columns), np.int32)
        for group, channels in enumerate(GROUPS):
            for found, expected in zip(
                alone.predict(group, blocks), whole.predict(group, None), strict=True
            ):
                np.testing.assert_array_equal(found, blocks.gather(expected))
            for channel in channels:
                codes = rng.integers(-300, 301, (blocks.numbers.size, SIDE, SIDE))
                blocks.scatter(codes.astype(np.int32), grid[channel])
            whole.add(group, grid, None)
            alone.add(group, grid, blocks)
    for name in ("above", "below", "sizes"):
        np.testing.assert_array_equal(
            getattr(alone.planes(), name), getattr(whole.planes(), name), err_msg=name
        )


@pytest.mark.parametrize("quality", [10, 50, 90])
def test_pixels_do_not_depend_on_how_blocks_are_predicted(
    random_model: Path, picture: np.ndarray, quality: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = Vqvae2(random_model)
    data = codec.encode(picture, PixelFormat(12), Target("quality", quality)).data
    expected = codec.decode(data).pixels
    for share in (0.0, 1.1):
        for module in (tile_walk, level_context):
            monkeypatch.setattr(module, "SPARSE", share)
        np.testing.assert_array_equal(codec.decode(data).pixels, expected)
        again = codec.encode(picture, PixelFormat(12), Target("quality", quality)).data
        assert again == data


def test_a_picture_without_detail_has_no_blocks(random_model: Path) -> None:
    codec = Vqvae2(random_model)
    flat = np.full((192, 256), 700, np.uint16)
    data = codec.encode(flat, PixelFormat(12), Target("quality", 30)).data
    assert np.abs(codec.decode(data).pixels.astype(int) - 700).max() <= 8


def test_version_2_still_decodes(
    random_model: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bitstreams written before version 3, here by an encoder that is held to version 2."""
    model = load_path(random_model)
    if model.versions[-1] < 3:
        pytest.skip("a model of version 1")
    codec = Vqvae2(random_model)
    monkeypatch.setattr(type(model), "versions", property(lambda self: (2,)))
    data = codec.encode(picture, PixelFormat(12), Target("quality", 60)).data
    before = codec.decode(data).pixels
    assert container.unpack(data)[0].version == 2
    monkeypatch.undo()
    # The encoder keeps its last trial, which no other version shares.
    kept.forget()
    np.testing.assert_array_equal(codec.decode(data).pixels, before)
    newer = codec.encode(picture, PixelFormat(12), Target("quality", 60)).data
    assert container.unpack(newer)[0].version == 3
    assert codec.decode(newer).pixels.shape == picture.shape
    header, coded = container.unpack(data)
    forged = container.pack(replace(header, version=1), coded)
    with pytest.raises(CodecError, match="version"):
        codec.decode(forged)


def test_blocks_worth_less_than_their_codes_are_left_out(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if load_path(random_model).versions[-1] < 3:
        pytest.skip("a model of version 1")
    named: list[float] = []
    original = TileChooser.blocks

    def noted(self: TileChooser, level: int, group: int, among: Blocks, classes: np.ndarray):
        flags = original(self, level, group, among, classes)
        named.append(float(flags.mean()) if flags.size else 0.0)
        return flags

    monkeypatch.setattr(TileChooser, "blocks", noted)
    rng = np.random.default_rng(0)
    pixels = np.full((256, 256), 1000, np.uint16)
    pixels[64:128, 64:128] += rng.integers(0, 400, (64, 64)).astype(np.uint16)
    Vqvae2(random_model).encode(pixels, PixelFormat(12), Target("quality", 50))
    assert 0 < max(named) < 0.6

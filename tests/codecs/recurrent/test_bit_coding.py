"""The bits of the passes: whatever they are, they come back, and what is regular gets short."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs.recurrent.bit_coding import BitCoder
from viewer.codecs.recurrent.bit_order import steps
from viewer.errors import CodecError


@given(height=st.integers(1, 20), width=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_every_place_is_coded_once_and_neighbours_are_known_by_then(
    height: int, width: int
) -> None:
    known = {height * width}
    for step in steps(height, width):
        assert set(step.neighbours.ravel().tolist()) <= known
        places = step.places.tolist()
        assert not known & set(places)
        known |= set(places)
    assert known == set(range(height * width + 1))


@given(
    height=st.integers(1, 17),
    width=st.integers(1, 17),
    channels=st.integers(1, 5),
    passes=st.integers(1, 4),
    chance=st.sampled_from([0.0, 0.02, 0.5, 1.0]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_bits_come_back(
    height: int, width: int, channels: int, passes: int, chance: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    bits = (rng.random((passes, channels, height, width)) < chance).astype(np.uint8)
    writer, reader = BitCoder(channels, height, width), BitCoder(channels, height, width)
    for one in bits:
        np.testing.assert_array_equal(reader.decode(writer.encode(one)), one)


def test_regular_bits_get_short_and_noise_hardly_longer() -> None:
    rng = np.random.default_rng(1)
    noise = (rng.random((32, 64, 64)) < 0.5).astype(np.uint8)
    assert len(BitCoder(32, 64, 64).encode(noise)) < 1.02 * noise.size / 8
    smooth = np.zeros((32, 64, 64), np.uint8)
    smooth[:, 20:50, 10:40] = 1
    coder = BitCoder(32, 64, 64)
    first, again = coder.encode(smooth), coder.encode(smooth)
    assert len(first) < 0.15 * smooth.size / 8
    assert len(again) < 0.8 * len(first)  # the pass before tells more


def test_bytes_do_not_change_from_version_to_version() -> None:
    rng = np.random.default_rng(7)
    coder = BitCoder(4, 9, 13)
    digest = hashlib.sha256()
    for chance in (0.5, 0.1, 0.9):
        digest.update(coder.encode((rng.random((4, 9, 13)) < chance).astype(np.uint8)))
    assert digest.hexdigest()[:16] == "6d3760de621076c6"


def test_damaged_bytes_give_bits_or_a_sentence() -> None:
    rng = np.random.default_rng(3)
    bits = (rng.random((8, 12, 10)) < 0.3).astype(np.uint8)
    data = bytearray(BitCoder(8, 12, 10).encode(bits))
    with pytest.raises(CodecError, match="whole number"):
        BitCoder(8, 12, 10).decode(bytes(data[:-1]))
    with pytest.raises(CodecError):
        BitCoder(8, 12, 10).decode(bytes(data) + bytes(400))
    for place in range(0, len(data), 7):
        altered = bytearray(data)
        altered[place] ^= 0x55
        try:
            found = BitCoder(8, 12, 10).decode(bytes(altered))
        except CodecError:
            continue
        assert found.shape == bits.shape

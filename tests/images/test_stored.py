from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.images.stored import (
    cut_out,
    expansion_fault,
    saturate,
    size_fault,
    stored_dtype,
    stored_range,
)


@pytest.mark.parametrize(
    ("allocated", "signed", "expected"),
    [
        (1, False, "uint8"),
        (8, False, "uint8"),
        (8, True, "int16"),
        (16, False, "uint16"),
        (16, True, "int16"),
        (32, False, "uint32"),
        (32, True, "int32"),
    ],
)
def test_the_type_follows_bits_allocated_and_sign(allocated, signed, expected):
    assert stored_dtype(allocated, signed) == np.dtype(expected)


def test_signed_values_are_read_from_the_stored_bits_alone():
    # 12 stored bits: 0xFFF is -1, 0x800 is -2048, 0x7FF is 2047; the high nibble is rubbish.
    raw = np.array([0x0FFF, 0x5FFF, 0x0800, 0x97FF], dtype=np.uint16)
    cut = cut_out(raw, bits_stored=12, high_bit=11, signed=True, dtype=np.dtype(np.int16))
    assert cut.tolist() == [-1, -1, -2048, 2047]
    assert cut.dtype == np.int16


def test_high_bit_moves_the_stored_bits():
    raw = np.array([0xABC3, 0xFFF0], dtype=np.uint16)
    cut = cut_out(raw, bits_stored=12, high_bit=15, signed=False, dtype=np.dtype(np.uint16))
    assert cut.tolist() == [0xABC, 0xFFF]


def test_big_endian_input_keeps_its_values():
    raw = np.array([0x1234, 0x0001], dtype=">u2")
    cut = cut_out(raw, bits_stored=12, high_bit=11, signed=False, dtype=np.dtype(np.uint16))
    assert cut.tolist() == [0x234, 1]


@given(data=st.data(), bits=st.integers(1, 32), signed=st.booleans())
def test_any_value_survives_rubbish_around_it(data, bits, signed):
    allocated = 8 if bits <= 8 else 16 if bits <= 16 else 32
    high = data.draw(st.integers(bits - 1, allocated - 1))
    low, top = stored_range(bits, signed)
    value = data.draw(st.integers(low, top))
    shift = high + 1 - bits
    field = ((1 << bits) - 1) << shift
    rubbish = data.draw(st.integers(0, (1 << allocated) - 1)) & ~field
    pattern = ((value & ((1 << bits) - 1)) << shift) | rubbish
    raw = np.array([pattern], dtype=f"u{allocated // 8}")
    dtype = stored_dtype(allocated, signed)
    assert cut_out(raw, bits_stored=bits, high_bit=high, signed=signed, dtype=dtype).tolist() == [
        value
    ]


def test_lossy_overshoot_is_held_at_the_ends():
    raw = np.array([-3, 0, 1023, 1024], dtype=np.int16)
    held = saturate(raw, bits_stored=10, signed=False, dtype=np.dtype(np.uint16))
    assert held.tolist() == [0, 0, 1023, 1023]


def test_absurd_sizes_are_named_before_anything_is_allocated():
    assert size_fault(1, 1, 1, 8) == ""
    assert "65535" in size_fault(65536, 10, 1, 8)
    assert "GiB" in size_fault(60000, 60000, 1, 16)
    assert "no pixels" in size_fault(0, 10, 1, 8)
    assert expansion_fault(1 << 20, 10) == ""
    assert "cannot hold" in expansion_fault(1 << 30, 1000)

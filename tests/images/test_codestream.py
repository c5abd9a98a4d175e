from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.images.codestream import read_codestream

GREY8 = np.arange(30 * 41, dtype=np.uint8).reshape(30, 41)
GREY12 = (np.arange(30 * 41, dtype=np.uint16) * 3 % 4096).reshape(30, 41)
COLOUR = np.stack([GREY8, GREY8[::-1], GREY8], axis=-1)


@pytest.mark.parametrize(
    ("data", "kind", "components", "precision"),
    [
        (imagecodecs.jpeg8_encode(GREY8), "JPEG", 1, 8),
        (imagecodecs.jpeg8_encode(COLOUR), "JPEG", 3, 8),
        (imagecodecs.jpeg8_encode(GREY12, bitspersample=12), "JPEG", 1, 12),
        (imagecodecs.jpeg8_encode(GREY12, lossless=True, bitspersample=16), "JPEG lossless", 1, 16),
        (imagecodecs.jpegls_encode(GREY8), "JPEG-LS", 1, 8),
        (imagecodecs.jpeg2k_encode(GREY12, bitspersample=12), "JPEG 2000", 1, 12),
        (imagecodecs.jpeg2k_encode(COLOUR, codecformat="j2k"), "JPEG 2000", 3, 8),
    ],
)
def test_streams_tell_their_geometry(data, kind, components, precision):
    found = read_codestream(bytes(data))
    assert found is not None
    assert (found.kind, found.rows, found.columns) == (kind, 30, 41)
    assert (found.components, found.precision, found.signed) == (components, precision, False)


def test_signed_jpeg2000_says_so():
    data = imagecodecs.jpeg2k_encode(GREY12.astype(np.int16) - 2048, bitspersample=12)
    found = read_codestream(bytes(data))
    assert found is not None
    assert found.signed


@given(st.binary(max_size=200))
def test_anything_else_is_none_or_harmless(data):
    for start in (b"", b"\xff\xd8", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "):
        found = read_codestream(start + data)
        assert found is None or found.rows >= 0 or found.columns >= 0


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_a_stream_that_ends_early_is_none(length):
    data = bytes(imagecodecs.jpeg2k_encode(GREY8, codecformat="j2k"))[:length]
    found = read_codestream(data)
    assert found is None or length >= 45

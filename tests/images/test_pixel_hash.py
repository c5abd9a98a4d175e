from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viewer.images.pixel_hash import PixelHash, pixel_sha256


def test_values_are_hashed_little_endian_row_by_row():
    frame = np.array([[1, -2], [300, 4]], dtype=np.int16)
    expected = hashlib.sha256(bytes([1, 0, 0xFE, 0xFF, 0x2C, 1, 4, 0])).hexdigest()
    assert pixel_sha256([frame]) == expected
    assert pixel_sha256([frame.astype(">i2")]) == expected
    assert pixel_sha256([np.asfortranarray(frame)]) == expected


@given(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=5))
def test_frames_are_hashed_one_after_the_other(parts):
    frames = [np.frombuffer(part, np.uint8).reshape(2, 2) for part in parts]
    digest = PixelHash()
    for frame in frames:
        digest.update(frame)
    assert pixel_sha256(frames) == digest.hexdigest() == hashlib.sha256(b"".join(parts)).hexdigest()


def test_a_header_of_another_frame_changes_the_hash():
    one = np.zeros((2, 2), np.uint16)
    assert pixel_sha256([one]) != pixel_sha256([one, one])

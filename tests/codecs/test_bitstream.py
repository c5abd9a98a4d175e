"""The header of learned codecs: what is written comes back, and nothing else is believed."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.codecs.bitstream import HEADER_BYTES, BitstreamHeader, belongs_to, pack, unpack
from viewer.errors import CodecError

HEADER = BitstreamHeader("some-codec", bytes(range(16)), 5, 7, 2, 12, True, 1, -2048, 2047)


@given(
    rows=st.integers(1, 4096),
    columns=st.integers(1, 4096),
    rate=st.integers(0, 255),
    payload=st.binary(max_size=50),
)
def test_header_and_payload_come_back(rows: int, columns: int, rate: int, payload: bytes) -> None:
    header = replace(HEADER, rows=rows, columns=columns, rate=rate)
    data = pack(header, payload)
    assert len(data) == HEADER_BYTES + len(payload)
    assert unpack(data, "some-codec") == (header, payload)


def test_every_truncation_is_refused() -> None:
    data = pack(HEADER, b"payload")
    for length in range(len(data)):
        with pytest.raises(CodecError):
            unpack(data[:length], "some-codec")
    with pytest.raises(CodecError, match="too many"):
        unpack(data + b"\0", "some-codec")


def test_every_altered_bit_is_refused() -> None:
    data = pack(HEADER, b"payload")
    for place in range(8 * len(data)):
        altered = bytearray(data)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(CodecError):
            unpack(bytes(altered), "some-codec")


def test_another_codec_is_not_recognised() -> None:
    data = pack(HEADER, b"")
    assert belongs_to(data, "some-codec")
    assert not belongs_to(data, "some-code")
    assert not belongs_to(b"", "some-codec")


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (36, struct.pack("<I", 0)),
        (36, struct.pack("<II", 1 << 31, 1 << 31)),
        (36, struct.pack("<II", 60000, 60000)),
        (44, b"\x04"),
        (45, b"\x11"),
        (45, b"\x00"),
        (46, b"\x02"),
        (48, struct.pack("<ii", -2049, 0)),
        (48, struct.pack("<ii", 5, 4)),
    ],
)
def test_impossible_pictures_are_refused_although_their_checksum_is_right(
    offset: int, value: bytes
) -> None:
    fields = bytearray(pack(HEADER, b"")[: HEADER_BYTES - 4])
    fields[offset : offset + len(value)] = value
    with pytest.raises(CodecError):
        unpack(bytes(fields) + struct.pack("<I", zlib.crc32(fields)), "some-codec")

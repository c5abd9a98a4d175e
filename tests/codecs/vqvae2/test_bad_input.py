"""Truncated, altered, foreign: one sentence, and never other pixels."""

from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.vqvae2 import container
from viewer.codecs.vqvae2.codec import Vqvae2
from viewer.codecs.vqvae2.model import parse
from viewer.errors import CodecError, ModelError

MUTATIONS = 20000


@pytest.fixture(scope="module")
def coded(codec: Vqvae2) -> tuple[bytes, np.ndarray]:
    rng = np.random.default_rng(0)
    pixels = (rng.random((70, 90)).cumsum(1) * 5).astype(np.uint8)
    data = codec.encode(pixels, PixelFormat(8), Target("quality", 50)).data
    return data, codec.decode(data).pixels


def _decoded(codec: Vqvae2, data: bytes) -> tuple[np.ndarray | None, str]:
    try:
        return codec.decode(data).pixels, ""
    except CodecError as error:
        return None, str(error)


def test_mutations_are_refused_or_change_nothing(
    codec: Vqvae2, coded: tuple[bytes, np.ndarray]
) -> None:
    data, pixels = coded
    rng = np.random.default_rng(1)
    refused = 0
    for number in range(MUTATIONS):
        altered = bytearray(data)
        kind = number % 4
        if kind == 0:
            altered[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            for at in rng.integers(len(data), size=int(rng.integers(1, 9))):
                altered[int(at)] = int(rng.integers(256))
        elif kind == 2:
            del altered[int(rng.integers(len(data))) :]
        else:
            at = int(rng.integers(len(data)))
            altered[at : at + int(rng.integers(4))] = bytes(rng.integers(0, 256, 3, np.uint8))
        if bytes(altered) == data:
            continue
        decoded, sentence = _decoded(codec, bytes(altered))
        if decoded is None:
            refused += 1
            assert sentence.endswith(".")
            assert "\n" not in sentence
        else:
            np.testing.assert_array_equal(decoded, pixels)
    assert refused > MUTATIONS * 0.9


def _sealed(head: bytearray, rest: bytes) -> bytes:
    return bytes(head) + struct.pack("<I", zlib.crc32(head)) + rest


def test_a_forged_header_is_checked_before_anything_is_allocated(
    codec: Vqvae2, coded: tuple[bytes, np.ndarray]
) -> None:
    data = coded[0]
    size = len(data) - len(container.unpack(data)[1][0].data) - 4
    for at, value in (
        (8, struct.pack("<II", 65536, 65536)),
        (8, struct.pack("<II", 0, 90)),
        (6, bytes([40])),
        (7, bytes([9])),
        (16, struct.pack("<H", 60000)),
        (18, struct.pack("<H", 0)),
        (18, struct.pack("<H", 9999)),
        (5, bytes([255])),
    ):
        head = bytearray(data[:size])
        head[at : at + len(value)] = value
        with pytest.raises(CodecError):
            codec.decode(_sealed(head, data[size + 4 :]))


def test_forged_tiles_neither_hang_nor_crash(
    codec: Vqvae2, coded: tuple[bytes, np.ndarray]
) -> None:
    """Checksums made to fit: pixels or an error, in time, whatever the tile says."""
    header, tiles = container.unpack(coded[0])
    rng = np.random.default_rng(4)
    for _ in range(60):
        body = bytearray(tiles[0].data)
        for at in rng.integers(len(body), size=4):
            body[int(at)] = int(rng.integers(256))
        forged = container.pack(header, [container.CodedTile(bytes(body), 16)])
        with contextlib.suppress(CodecError):
            assert codec.decode(forged).pixels.shape == (70, 90)
    with pytest.raises(CodecError):
        codec.decode(container.pack(header, [container.CodedTile(b"", 0)]))


def test_foreign_future_and_unknown(codec: Vqvae2, coded: tuple[bytes, np.ndarray]) -> None:
    data = coded[0]
    for bad in (b"", b"RVQ", b"\xff\x4f\xff\x51" + data, data[:20], data + b"\0"):
        with pytest.raises(CodecError):
            codec.decode(bad)
    future = bytearray(data)
    future[4] = 4
    with pytest.raises(CodecError, match="version 4"):
        codec.decode(bytes(future))
    header, tiles = container.unpack(data)
    unknown = container.pack(container.Header(**{**header.__dict__, "model": b"\x01" * 8}), tiles)
    with pytest.raises(CodecError, match="0101010101010101"):
        codec.decode(unknown)


def test_damaged_weights(random_model: Path) -> None:
    data = random_model.read_bytes()
    assert parse(data).name == "random"
    for bad in (
        b"",
        data[:100],
        data[:-10],
        b"\xff" * 64,
        data.replace(b"radview-vqvae2-", b"radview-vqvae3-"),
    ):
        with pytest.raises(ModelError):
            parse(bad)

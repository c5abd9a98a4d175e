"""Damaged, foreign and giant bitstreams, and pictures that cannot be coded: one sentence each."""

from __future__ import annotations

import math
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.codecs.jpeg2000.pictures import LOSSLESS, textured
from viewer.codecs import jp2_seal, openjpeg
from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.jpeg2000 import Jpeg2000
from viewer.errors import CodecError


def test_damaged_bitstreams_are_refused() -> None:
    fmt = PixelFormat(12, signed=True)
    pixels = textured(60, 70, fmt, "int16")
    codec = Jpeg2000()
    data = codec.encode(pixels, fmt, Target("ratio", 6)).data
    chance = random.Random(0)
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 5))):
            damaged[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        if bytes(damaged) == data:
            continue
        with pytest.raises(CodecError) as error:
            codec.decode(bytes(damaged))
        assert str(error.value).endswith(".")
    for length in range(len(data)):
        with pytest.raises(CodecError):
            codec.decode(data[:length])
    for extra in (b"\0", b"abc", data):
        with pytest.raises(CodecError, match="altered"):
            codec.decode(data + extra)


def test_foreign_bytes_are_refused(shared_data: Path) -> None:
    codec = Jpeg2000()
    for foreign in (b"", b"PK\x03\x04", jp2_seal.SIGNATURE, jp2_seal.SIGNATURE + b"\0" * 100):
        with pytest.raises(CodecError):
            codec.decode(foreign)
    chest = next((shared_data / "chest" / "val").glob("*.jp2")).read_bytes()
    assert codec.recognises(chest)
    with pytest.raises(CodecError, match="seal"):
        codec.decode(chest)


def test_a_giant_header_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = Jpeg2000()
    fmt = PixelFormat(8)
    jp2 = openjpeg.encode(textured(40, 40, fmt, "uint8"), 8, 40, reversible=False)
    start = jp2.index(b"\xff\x4f\xff\x51")
    giant = bytearray(jp2)
    for offset in (8, 24):
        struct.pack_into(">II", giant, start + offset, 1 << 20, 1 << 20)
    monkeypatch.setattr(openjpeg, "decode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(CodecError, match="1048576 x 1048576"):
        codec.decode(jp2_seal.seal(bytes(giant), "uint8"))


@pytest.mark.parametrize(
    ("pixels", "fmt", "target", "text"),
    [
        (np.zeros((4, 4), np.uint32), PixelFormat(16), LOSSLESS, "uint32"),
        (np.zeros((4, 4), np.uint16), PixelFormat(17), LOSSLESS, "17"),
        (np.zeros((4, 4), np.float32), PixelFormat(8), LOSSLESS, "float32"),
        (np.zeros((4, 4, 4), np.uint8), PixelFormat(8), LOSSLESS, "shape"),
        (np.zeros((0, 4), np.uint8), PixelFormat(8), LOSSLESS, "shape"),
        (np.full((4, 4), 1024, np.uint16), PixelFormat(10), LOSSLESS, "1024"),
        (np.full((4, 4), -1, np.int16), PixelFormat(10), LOSSLESS, "-1"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("ratio", 0), "ratio"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("bpp", -1), "bpp"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("psnr", math.nan), "psnr"),
        (np.zeros((4, 4), np.uint8), PixelFormat(8), Target("quality", 101), "101"),
    ],
)
def test_what_cannot_be_coded_is_named(
    pixels: NDArray, fmt: PixelFormat, target: Target, text: str
) -> None:
    with pytest.raises(CodecError, match=text):
        Jpeg2000().encode(pixels, fmt, target)

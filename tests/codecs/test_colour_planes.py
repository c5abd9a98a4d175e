"""Colour through codecs of grey images: the container, and the learned codecs themselves."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from viewer.codecs import colour_planes, registry
from viewer.codecs.base import Codec, CodecInfo, Decoded, Encoded, Options, Target
from viewer.errors import CodecError
from viewer.images.pixel_format import PixelFormat
from viewer.progress import NEVER, silent

RGB = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
SIX = Target("bpp", 6.0)
HOW = {"options": Options(), "progress": silent, "cancel": NEVER}


class GreyOnly(Codec):
    """Keeps a grey image of 30 columns as it is, and what was asked."""

    info = CodecInfo("grey-only", "", "", "", True, True, ("bpp", "ratio"))

    def __init__(self):
        self.asked = []

    def encode(self, pixels, pixel_format, target, **_):
        assert pixels.ndim == 2
        assert pixels.flags.c_contiguous
        self.asked.append(target)
        return Encoded(zlib.compress(pixels.tobytes()), "Asked more.", "model 1", "cpu")

    def decode(self, data, **_):
        try:
            flat = np.frombuffer(zlib.decompress(data), np.uint8)
        except zlib.error as error:
            raise CodecError("damaged") from error
        return Decoded(flat.reshape(-1, 30), PixelFormat(8))

    def recognises(self, data):
        return colour_planes.recognises(data, self.info.name)


def coded(codec, pixels=RGB, target=SIX):
    return colour_planes.encode(codec, pixels, PixelFormat(8), target, **HOW)


def test_three_planes_come_back_and_the_notice_says_so():
    codec = GreyOnly()
    encoded = coded(codec)
    decoded = colour_planes.decode(codec, encoded.data, **HOW)
    assert np.array_equal(decoded.pixels, RGB)
    assert encoded.notice == f"{colour_planes.NOTICE} Asked more."
    assert encoded.model == "model 1"
    assert [each.value for each in codec.asked] == [2.0] * 3
    assert colour_planes.recognises(encoded.data, "grey-only")
    assert not colour_planes.recognises(encoded.data, "vqvae2")


def test_a_ratio_is_asked_of_every_plane_alike():
    codec = GreyOnly()
    coded(codec, target=Target("ratio", 9.0))
    assert [each.value for each in codec.asked] == [9.0] * 3


def test_progress_goes_on_to_the_end():
    told = []

    class Reporting(GreyOnly):
        def encode(self, *arguments, progress=silent, **more):
            progress(1.0, "coded")
            return super().encode(*arguments, **more)

    how = {**HOW, "progress": lambda fraction, text: told.append((fraction, text))}
    colour_planes.encode(Reporting(), RGB, PixelFormat(8), Target("bpp", 1), **how)
    assert [round(fraction, 3) for fraction, _ in told] == [0.333, 0.667, 1.0]
    assert told[1][1] == "channel 2/3 coded"


def test_truncated_altered_and_nested_bitstreams():
    codec = GreyOnly()
    data = coded(codec).data
    for length in (0, 4, 30, 36, len(data) - 1):
        with pytest.raises(CodecError):
            colour_planes.decode(codec, data[:length], **HOW)
    for place in range(0, 36):
        altered = bytearray(data)
        altered[place] ^= 0x41
        with pytest.raises(CodecError):
            colour_planes.decode(codec, bytes(altered), **HOW)
    with pytest.raises(CodecError):
        colour_planes.decode(codec, data + b"\0", **HOW)
    odd = coded(codec, np.zeros((20, 30, 3), np.uint8)).data
    smaller = coded(codec, np.zeros((10, 30, 3), np.uint8)).data

    def streams(of):
        return colour_planes.streams(of)

    mixed = [streams(odd)[0], streams(smaller)[0], streams(odd)[0]]
    header = colour_planes._FIELDS.pack(
        b"RVC3", b"grey-only".ljust(16, b"\0"), *(len(each) for each in mixed)
    )
    check = colour_planes._CHECK.pack(zlib.crc32(header))
    with pytest.raises(CodecError, match="fit together"):
        colour_planes.decode(codec, header + check + b"".join(mixed), **HOW)


@pytest.mark.parametrize("name", ["vqvae2", "vqvae2-paper"])
def test_the_learned_codecs_code_colour(name):
    codec = registry.get(name)
    if codec.unavailable():
        pytest.skip(codec.unavailable())
    y, x = np.mgrid[:64, :64]
    pixels = np.stack([2 * x + y, 255 - 3 * y, x + 100], axis=-1).clip(0, 255).astype(np.uint8)
    encoded = codec.encode(pixels, PixelFormat(8), Target("quality", 80))
    assert encoded.notice.startswith(colour_planes.NOTICE)
    assert registry.recognise(encoded.data) is codec
    decoded = codec.decode(encoded.data)
    assert (decoded.pixels.shape, decoded.pixels.dtype) == (pixels.shape, pixels.dtype)
    error = decoded.pixels.astype(int) - pixels
    # Channels are not mixed up: each is nearest to its own.
    assert np.mean(error**2) < 300

"""Codecs that promise a largest error keep it, for any shape, depth and sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.codecs import registry
from viewer.codecs.base import Options, PixelFormat, Target, largest_error
from viewer.errors import CodecError

BOUNDED = ("jpeg2000", "jpegls", "htj2k")
SEALED = ("jpegls", "htj2k")


def picture(seed: int, shape: tuple[int, ...], form: PixelFormat) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    smooth = form.minimum + form.peak * (0.5 + 0.4 * np.sin(x / 11) * np.cos(y / 8))
    if len(shape) == 3:
        smooth = smooth[..., None] * np.array([1.0, 0.9, 0.8])
    noisy = smooth + rng.normal(0, form.peak / 150 + 0.3, shape)
    values = np.clip(np.round(noisy), form.minimum, form.minimum + form.peak)
    kind = "int" if form.signed else "uint"
    return values.astype(f"{kind}{8 if form.bits_stored <= 8 and not form.signed else 16}")


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(BOUNDED),
    seed=st.integers(0, 2**20),
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    colour=st.booleans(),
    bits=st.integers(2, 16),
    signed=st.booleans(),
    bound=st.sampled_from((0, 0, 1, 2, 9)),
)
def test_every_pixel_is_within_the_bound(
    name, seed, rows, columns, colour, bits, signed, bound
) -> None:
    codec = registry.get(name)
    form = PixelFormat(bits, signed)
    pixels = picture(seed, (rows, columns, 3) if colour else (rows, columns), form)
    target = Target("max_error", bound) if "max_error" in codec.info.targets else Target("lossless")
    coded = codec.encode(pixels, form, target)
    found = registry.recognise(coded.data).decode(coded.data)
    assert found.pixels.dtype == pixels.dtype
    assert found.pixel_format == form
    assert np.abs(found.pixels.astype(int) - pixels).max() <= bound


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    rows=st.integers(1, 150),
    columns=st.integers(1, 150),
    bits=st.integers(8, 16),
    signed=st.booleans(),
    bound=st.sampled_from((0, 0, 1, 2, 9)),
)
def test_vqvae2_keeps_its_bound(seed, rows, columns, bits, signed, bound) -> None:
    codec = registry.get("vqvae2")
    form = PixelFormat(bits, signed)
    pixels = picture(seed, (rows, columns), form)
    coded = codec.encode(pixels, form, Target("max_error", bound, base=10.0))
    found = registry.recognise(coded.data).decode(coded.data)
    assert found.pixels.dtype == pixels.dtype
    assert not found.partial
    assert np.abs(found.pixels.astype(int) - pixels).max() <= bound
    base = codec.decode(coded.data, options=Options(base_only=True))
    assert base.partial
    assert base.pixels.shape == pixels.shape


def test_the_first_part_alone_gives_the_base_picture() -> None:
    codec = registry.get("vqvae2")
    form = PixelFormat(12, False)
    pixels = picture(3, (200, 190), form)
    coded = codec.encode(pixels, form, Target("lossless", base=15.0)).data
    cut = coded.index(b"RVXL")
    assert 0.8 < pixels.size * 12 / (8 * cut) / 15 < 1.25
    base = codec.decode(coded, options=Options(base_only=True))
    clean = codec.decode(coded[:cut])
    ragged = codec.decode(coded[: cut + 500], options=Options(base_only=True))
    for found in (base, clean, ragged):
        assert found.partial
        assert (found.pixels == base.pixels).all()
    assert not codec.decode(coded).partial
    for wrong, sentence in (
        (coded[: cut + 500], "truncated"),
        (coded[:-1], "truncated"),
        (coded[: cut - 1], "truncated"),
        (coded + b"x", "added"),
    ):
        with pytest.raises(CodecError, match=sentence):
            codec.decode(wrong)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**30))
def test_altered_streams_are_refused_or_right(seed: int, layered) -> None:
    data, pixels = layered
    rng = np.random.default_rng(seed)
    altered = bytearray(data)
    at = int(rng.integers(len(altered)))
    sort = rng.integers(3)
    if sort == 0:
        altered[at] ^= 1 << int(rng.integers(8))
    elif sort == 1:
        del altered[at : at + int(rng.integers(1, 40))]
    else:
        altered[at:at] = bytes(rng.integers(0, 256, 2, np.uint8))
    try:
        found = registry.get("vqvae2").decode(bytes(altered))
    except CodecError:
        return
    assert (found.pixels == pixels).all()


@pytest.fixture(scope="module")
def layered() -> tuple[bytes, np.ndarray]:
    form = PixelFormat(10, True)
    pixels = picture(8, (70, 90), form)
    return registry.get("vqvae2").encode(pixels, form, Target("lossless")).data, pixels


@pytest.mark.parametrize("name", SEALED)
@pytest.mark.parametrize("seed", range(40))
def test_altered_codestreams_are_refused(name: str, seed: int) -> None:
    codec = registry.get(name)
    form = PixelFormat(12, True)
    pixels = picture(1, (40, 50), form)
    data = codec.encode(pixels, form, Target("lossless")).data
    rng = np.random.default_rng(seed)
    altered = bytearray(data)
    altered[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
    for wrong in (bytes(altered), data[: int(rng.integers(len(data)))], data + b"\0"):
        with pytest.raises(CodecError):
            codec.decode(wrong)


def test_what_sets_a_bound() -> None:
    assert largest_error(Target("lossless", 7)) == 0
    assert largest_error(Target("max_error", 2)) == 2
    assert largest_error(Target("ratio", 2)) is None
    for value in (-1, 0.5, float("nan"), float("inf")):
        with pytest.raises(CodecError, match="cannot be asked for"):
            largest_error(Target("max_error", value))


def test_what_cannot_be_asked_for() -> None:
    form = PixelFormat(8, False)
    pixels = picture(1, (16, 16), form)
    for name in SEALED:
        with pytest.raises(CodecError):
            registry.get(name).encode(pixels, form, Target("ratio", 10))
    far = registry.get("jpegls").encode(pixels, form, Target("max_error", 400))
    assert "127" in far.notice


def test_near_lossless_takes_less() -> None:
    form = PixelFormat(12, False)
    pixels = picture(2, (256, 256), form)
    for name in ("jpeg2000", "jpegls", "vqvae2"):
        sizes = [
            len(registry.get(name).encode(pixels, form, Target("max_error", bound)).data)
            for bound in (0, 3, 30)
        ]
        assert sizes[2] < sizes[1] <= sizes[0]


@pytest.mark.parametrize("name", ["vqvae2", "jpegls", "htj2k", "jpeg2000"])
def test_a_real_radiograph_comes_back_bit_for_bit(name: str, shared_data) -> None:
    from viewer.images.opening import read_frame, read_header

    radiograph = read_frame(read_header(shared_data / "dicom/misc/cr-chest-10bit-monochrome1.dcm"))
    form = PixelFormat(radiograph.header.bits_stored, radiograph.header.signed)
    codec = registry.get(name)
    coded = codec.encode(radiograph.pixels, form, Target("lossless"))
    assert (codec.decode(coded.data).pixels == radiograph.pixels).all()

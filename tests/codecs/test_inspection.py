"""Inside bitstreams: the bits add up to the payload, the pictures are the decoder's own."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.codecs import inspection, registry
from viewer.codecs.base import Options, Target
from viewer.errors import CodecError
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.progress import NEVER, silent

DEPTH = PixelFormat(15)


@pytest.fixture(scope="module")
def crop(rg1_path) -> np.ndarray:
    """Real anatomy of odd sides."""
    return np.ascontiguousarray(read_frame(read_header(rg1_path)).pixels[700:1011, 700:957])


def looked(name, pixels, target, depth=DEPTH):
    codec = registry.get(name)
    if codec.unavailable():
        pytest.skip(codec.unavailable())
    data = codec.encode(pixels, depth, target).data
    inside = inspection.inspect(
        name, data, pixels, depth, options=Options(), progress=silent, cancel=NEVER
    )
    return data, codec.decode(data).pixels, inside


def picture(inside, key):
    return inside.picture(key, progress=silent, cancel=NEVER)


def psnr(original, decoded, peak=DEPTH.peak):
    error = np.mean((original.astype(float) - decoded) ** 2)
    return 10 * np.log10(peak**2 / max(error, 1e-9))


@pytest.mark.parametrize("name", ["vqvae2", "vqvae2-paper"])
def test_bits_of_all_places_are_the_payload(crop, name):
    data, decoded, inside = looked(name, crop, Target("ratio", 20))
    shared = sum(share.bits for share in inside.shares)
    # The coder writes whole words of 32 bits and rounds a little at each symbol.
    assert abs(shared - 8 * len(data)) < 96
    total = next(each for each in inside.maps if each.key == "bits")
    heads = ("Header", "Header and checksums", "Scales of tiles")
    codes = sum(share.bits for share in inside.shares if share.title not in heads)
    mapped = float(total.plane.sum(dtype=np.float64)) * total.cell**2
    assert mapped == pytest.approx(codes, rel=1e-5)
    assert np.array_equal(picture(inside, inside.choices[0].key), decoded)
    rows, columns = crop.shape
    for each in inside.maps:
        assert each.plane.shape[0] * each.cell >= rows
        assert each.plane.shape[1] * each.cell >= columns


def test_more_bits_go_where_there_is_more_to_tell(crop):
    flat = crop.copy()
    flat[:, :128] = crop[0, 0]
    _, _, inside = looked("vqvae2", flat, Target("ratio", 20))
    total = next(each for each in inside.maps if each.key == "bits").plane
    assert total[:77, 40:64].mean() > 8 * total[:77, :24].mean()


def test_a_level_of_vqvae2_left_out_is_what_it_said(crop):
    _, decoded, inside = looked("vqvae2", crop, Target("ratio", 20))
    whole = psnr(crop, decoded)
    for level in (1, 2, 3, 4, 5):
        assert psnr(crop, picture(inside, f"-{level}")) < whole
    steps = [psnr(crop, picture(inside, f"<{level}")) for level in (6, 5, 4, 3, 2)]
    assert steps == sorted(steps)
    assert steps[-1] < whole
    # Without the finest level: what it would have given at twice the pixels lacks all its detail.
    assert np.array_equal(picture(inside, "-1"), picture(inside, "<2"))
    sizes = [choice.byte_count for choice in inside.choices if choice.key.startswith("<")]
    assert sizes == sorted(sizes)
    with pytest.raises(CodecError, match="no part"):
        picture(inside, "-9")


def test_tiles_of_vqvae2_lie_where_they_belong(crop):
    codec = registry.get("vqvae2")
    if codec.unavailable():
        pytest.skip(codec.unavailable())
    data = codec.encode(crop, DEPTH, Target("ratio", 20), options=Options(tile=128)).data
    inside = inspection.inspect(
        "vqvae2", data, crop, DEPTH, options=Options(), progress=silent, cancel=NEVER
    )
    assert np.array_equal(picture(inside, "all"), codec.decode(data).pixels)
    lowest = next(each for each in inside.maps if each.key == "lowest").plane
    small = crop[:288, :256].astype(float).reshape(9, 32, 8, 32).mean((1, 3))
    assert np.corrcoef(lowest[:9, :8].ravel(), small.ravel())[0, 1] > 0.9


def test_the_layer_behind_vqvae2_makes_it_exact(crop):
    data, _, inside = looked("vqvae2", crop[:128, :128], Target("lossless"))
    assert np.array_equal(picture(inside, "exact"), crop[:128, :128])
    assert not np.array_equal(picture(inside, "all"), crop[:128, :128])
    assert abs(sum(share.bits for share in inside.shares) - 8 * len(data)) < 96


def test_the_paper_codec_paints_from_either_level(crop):
    _, decoded, inside = looked("vqvae2-paper", crop, Target("ratio", 20))
    whole = psnr(crop, decoded)
    without_bottom = psnr(crop, picture(inside, "top"))
    without_top = psnr(crop, picture(inside, "bottom"))
    assert without_top < without_bottom < whole
    for use in inside.usage:
        assert 0 < use.used <= use.counts.size
        assert 0 <= use.bits <= np.log2(use.counts.size)
    top = next(each for each in inside.maps if each.key == "top0").plane
    small = crop[:304, :256].astype(float).reshape(38, 8, 32, 8).mean((1, 3))
    # Codewords of the first group are in the order of their mean: a small picture.
    assert np.corrcoef(top[:38, :32].ravel(), small.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("target", [Target("ratio", 20), Target("lossless")])
def test_resolutions_and_layers_of_jpeg2000(crop, target):
    data, decoded, inside = looked("jpeg2000", crop, target)
    assert np.array_equal(picture(inside, "r0"), decoded)
    resolutions = [c.key for c in inside.choices if c.key.startswith("r")]
    falling = [psnr(crop, picture(inside, key)) for key in resolutions]
    assert falling == sorted(falling, reverse=True)
    layers = [c for c in inside.choices if c.key.startswith("q")]
    assert len(layers) == 5
    rising = [psnr(crop, picture(inside, choice.key)) for choice in layers]
    assert rising == sorted(rising)
    assert layers[-1].byte_count == pytest.approx(len(data), rel=0.02)
    assert rising[-1] == pytest.approx(falling[0], abs=0.3)
    assert "one quality layer" in inside.notes[0]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [1, 7, 8, 12, 16])
def test_every_depth_of_jpeg2000_comes_back(bits, signed):
    if signed and bits <= 8:
        pytest.skip("the codec takes signed pixels as int16 alone")
    rng = np.random.default_rng(bits)
    depth = PixelFormat(bits, signed)
    ramp = np.add.outer(np.arange(70), np.arange(90)) / 160 * depth.peak + depth.minimum
    kind = np.int16 if signed else (np.uint8 if bits <= 8 else np.uint16)
    noisy = ramp + rng.normal(0, 0.02 * depth.peak, ramp.shape)
    pixels = np.clip(np.rint(noisy), depth.minimum, depth.minimum + depth.peak).astype(kind)
    _, decoded, inside = looked("jpeg2000", pixels, Target("lossless"), depth)
    assert np.array_equal(picture(inside, "r0"), pixels)
    assert np.array_equal(picture(inside, "q5"), pixels)
    assert np.array_equal(decoded, pixels)


def test_passes_of_the_recurrent_codec(crop):
    part = crop[:128, :128]
    data, decoded, inside = looked("recurrent", part, Target("quality", 30))
    assert sum(share.bits for share in inside.shares) == 8 * len(data)
    passes = [choice for choice in inside.choices if choice.key != "bare"]
    rising = [psnr(part, picture(inside, choice.key)) for choice in passes]
    assert rising == sorted(rising)
    assert np.array_equal(picture(inside, passes[-1].key), decoded)
    assert passes[-1].byte_count == len(data)
    with pytest.raises(CodecError, match="no pass"):
        picture(inside, "9")


@pytest.mark.parametrize("quality", [25, 100])
def test_tiles_of_the_dense_codec(crop, quality):
    data, decoded, inside = looked("dense", crop, Target("quality", quality))
    assert abs(sum(share.bits for share in inside.shares) - 8 * len(data)) < 96
    bits = next(each for each in inside.maps if each.key == "bits")
    coded = sum(share.bits for share in inside.shares if share.title != "Header")
    assert float(bits.plane.sum(dtype=np.float64)) * 28**2 == pytest.approx(coded, rel=1e-5)
    assert np.array_equal(picture(inside, "all"), decoded)
    falling = [psnr(crop, picture(inside, key)) for key in ("all", "half", "means")]
    assert falling == sorted(falling, reverse=True)
    sizes = [choice.byte_count for choice in inside.choices]
    assert sizes == sorted(sizes, reverse=True)
    with pytest.raises(CodecError, match="no part"):
        picture(inside, "most")
    errors = next(each for each in inside.maps if each.key == "error").plane
    count = {25: 22, 100: 64}[quality]
    # The last tile is cut off by the image's lower right corner: 311 x 257 pixels.
    for row, column in ((0, 0), (100, 29), (310, 256)):
        tile = inside.tile(row, column)
        down, across = (row // 28 * 28, column // 28 * 28)
        area = (slice(down, down + 28), slice(across, across + 28))
        assert np.array_equal(tile.original, crop[area])
        assert np.array_equal(tile.decoded, decoded[area])
        assert tile.code.shape == (count,)
        assert 0 < tile.code.min() <= tile.code.max() < 1
        assert tile.rmse == pytest.approx(errors[tile.place], rel=1e-5)
        assert tile.bits == pytest.approx(bits.plane[tile.place] * 28**2, rel=1e-5)
    assert inside.tile(100, 29).mean == pytest.approx(crop[84:112, 28:56].mean(), abs=10)


def test_tiles_are_looked_at_where_they_are_coded_alone(crop):
    flat = np.full_like(crop, 7)
    _, _, inside = looked("dense", flat, Target("quality", 25))
    assert inside.cell == 0
    assert not inside.choices
    _, _, whole = looked("recurrent", crop[:64, :64], Target("quality", 10))
    for each in (inside, whole):
        with pytest.raises(CodecError, match="one by one"):
            each.tile(0, 0)


def test_of_colour_the_green_plane_is_shown(crop):
    part = (crop[:128, :128] >> 7).astype(np.uint8)
    colour = np.stack((part, part // 2, part // 3), axis=-1)
    depth = PixelFormat(8)
    _, decoded, inside = looked("vqvae2", colour, Target("ratio", 10), depth)
    shown = picture(inside, "all")
    assert shown.shape == colour.shape
    assert np.array_equal(shown[..., 0], decoded[..., 1])
    assert "green" in inside.notes[0]


def test_a_codec_without_a_look_inside_says_so(crop):
    assert not inspection.can_inspect("jpegls")
    with pytest.raises(CodecError, match="no look inside"):
        inspection.inspect(
            "jpegls", b"", crop, DEPTH, options=Options(), progress=silent, cancel=NEVER
        )


def test_a_damaged_bitstream_ends_in_a_sentence(crop):
    for name in ("vqvae2", "jpeg2000", "recurrent", "vqvae2-paper", "dense"):
        codec = registry.get(name)
        data = bytearray(codec.encode(crop[:96, :96], DEPTH, Target("quality", 20)).data)
        data[len(data) // 2] ^= 0x55
        with pytest.raises(CodecError):
            inspection.inspect(
                name, bytes(data[:-7]), crop[:96, :96], DEPTH,
                options=Options(), progress=silent, cancel=NEVER,
            )  # fmt: skip

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from viewer.errors import ImageError
from viewer.images.opening import read_frame, read_frames, read_header

RNG = np.random.default_rng(7)
GREY8 = RNG.integers(0, 256, (37, 53), dtype=np.uint8)
GREY16 = RNG.integers(0, 65536, (37, 53), dtype=np.uint16)
RGB8 = RNG.integers(0, 256, (37, 53, 3), dtype=np.uint8)
RGB16 = RNG.integers(0, 65536, (37, 53, 3), dtype=np.uint16)


def saved(path, data):
    path.write_bytes(bytes(data))
    return path


def opened(path):
    header = read_header(path)
    return header, read_frame(header).pixels


@pytest.mark.parametrize(
    ("pixels", "bits", "photometric"),
    [(GREY8, 8, "MONOCHROME2"), (GREY16, 16, "MONOCHROME2"), (RGB8, 8, "RGB"), (RGB16, 16, "RGB")],
)
@pytest.mark.parametrize("kind", ["png", "tif", "jp2", "j2k", "jxl"])
def test_lossless_kinds_give_every_value_back(tmp_path, pixels, bits, photometric, kind):
    if kind == "png":
        data, name = imagecodecs.png_encode(pixels), "PNG"
    elif kind == "tif":
        import io

        import tifffile

        buffer = io.BytesIO()
        tifffile.imwrite(buffer, pixels)
        data, name = buffer.getvalue(), "TIFF"
    elif kind == "jxl":
        data, name = imagecodecs.jpegxl_encode(pixels, lossless=True), "JPEG XL"
    else:
        data = imagecodecs.jpeg2k_encode(pixels, codecformat=kind, reversible=True, level=0)
        name = "JPEG 2000"
    header, found = opened(saved(tmp_path / f"x.{kind}", data))
    assert np.array_equal(found, pixels)
    assert found.dtype == pixels.dtype
    assert (header.file_format, header.bits_stored, header.photometric) == (name, bits, photometric)
    assert (header.rows, header.columns) == (37, 53)
    assert header.notices == ()


@pytest.mark.parametrize("bits", range(8, 17))
@pytest.mark.parametrize("signed", [False, True])
def test_jpeg2000_has_the_depth_of_its_precision(tmp_path, bits, signed):
    values = GREY16 >> (16 - bits)
    pixels = values.astype(np.uint8 if bits == 8 else np.uint16)
    if signed:
        pixels = (values.astype(int) - (1 << (bits - 1))).astype(np.int8 if bits == 8 else np.int16)
    data = imagecodecs.jpeg2k_encode(pixels, reversible=True, level=0, bitspersample=bits)
    header, found = opened(saved(tmp_path / "x.jp2", data))
    assert (header.bits_stored, header.signed) == (bits, signed)
    assert np.array_equal(found, pixels)
    assert found.dtype == (np.int16 if signed else np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("container", [False, True])
@pytest.mark.parametrize("shape", [(40, 64), (41, 67), (40, 64, 3), (33, 300, 4)])
def test_jpeg_xl_says_what_it_is_before_it_is_decoded(tmp_path, shape, container):
    pixels = RNG.integers(0, 4096, shape, dtype=np.uint16)
    data = imagecodecs.jpegxl_encode(
        pixels, lossless=True, bitspersample=12, usecontainer=container
    )
    header, found = opened(saved(tmp_path / "x.jxl", data))
    assert np.array_equal(found, pixels[..., :3] if len(shape) == 3 else pixels)
    assert (header.rows, header.columns, header.bits_stored) == (*shape[:2], 12)
    assert header.samples == (3 if len(shape) == 3 else 1)
    assert not header.lossy.lossy
    lossy = saved(tmp_path / "y.jxl", imagecodecs.jpegxl_encode(pixels, distance=2.0))
    assert read_header(lossy).lossy.methods == ("ISO_18181_1",)


def test_a_cut_jpeg_xl_is_refused(tmp_path):
    data = imagecodecs.jpegxl_encode(GREY8, lossless=True)
    for kept in (3, 6, len(data) // 2, len(data) - 9):
        with pytest.raises(ImageError):
            opened(saved(tmp_path / "x.jxl", data[:kept]))


def test_jpeg_is_decoded_as_pillow_does_and_is_lossy(tmp_path):
    for pixels in (GREY8, RGB8):
        path = tmp_path / "x.jpg"
        Image.fromarray(pixels).save(path, quality=90)
        header, found = opened(path)
        assert np.array_equal(found, np.asarray(Image.open(path)))
        assert header.lossy.methods == ("ISO_10918_1",)


def test_12_bit_jpeg_keeps_its_depth(tmp_path):
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint16) * 32
    data = imagecodecs.jpeg8_encode(smooth, level=95, bitspersample=12)
    header, found = opened(saved(tmp_path / "x.jpg", data))
    assert (header.bits_stored, found.dtype) == (12, np.uint16)
    assert np.abs(found.astype(int) - smooth).max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_brings_the_picture_upright(tmp_path, orientation):
    import PIL.ImageOps

    smooth = np.add.outer(np.arange(40) * 2, np.arange(64) * 2).astype(np.uint8)
    smooth[:8, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "x.jpg"
    Image.fromarray(smooth).save(path, quality=95, exif=exif)
    header, found = opened(path)
    expected = np.asarray(PIL.ImageOps.exif_transpose(Image.open(path)))
    assert np.array_equal(found, expected)
    assert (header.rows, header.columns) == expected.shape
    assert bool(header.notices) == (orientation > 1)


def test_transparency_is_left_out_and_said(tmp_path):
    alpha = np.full((37, 53, 1), 128, np.uint8)
    path = saved(tmp_path / "x.png", imagecodecs.png_encode(np.concatenate([RGB8, alpha], -1)))
    header, found = opened(path)
    assert np.array_equal(found, RGB8)
    assert "Transparency" in header.notices[0]
    grey = np.concatenate([GREY8[..., None], alpha], -1)
    header, found = opened(saved(tmp_path / "y.png", imagecodecs.png_encode(grey)))
    assert np.array_equal(found, GREY8)
    assert header.samples == 1


def test_palettes_become_rgb(tmp_path):
    path = tmp_path / "x.png"
    picture = Image.fromarray(RGB8).quantize(16)
    for name in ("x.png", "x.tif"):
        path = tmp_path / name
        picture.save(path)
        header, found = opened(path)
        assert np.array_equal(found, np.asarray(picture.convert("RGB")))
        assert "palette" in header.notices[0]


def test_single_bits_become_eight(tmp_path):
    for name in ("x.png", "x.tif"):
        path = tmp_path / name
        Image.fromarray(GREY8 > 100).save(path)
        header, found = opened(path)
        assert np.array_equal(found, np.where(GREY8 > 100, 255, 0))
        assert header.bits_stored == 8
        assert "1-bit" in header.notices[0]


def test_white_is_zero_is_monochrome1_with_stored_values_kept(tmp_path):
    path = tmp_path / "x.tif"
    Image.fromarray(GREY8).save(path, tiffinfo={262: 0})
    header, found = opened(path)
    assert header.photometric == "MONOCHROME1"
    assert header.grey.inverted
    import tifffile

    assert np.array_equal(found, tifffile.imread(path))


def test_cmyk_is_converted(tmp_path):
    path = tmp_path / "x.jpg"
    Image.fromarray(RGB8).convert("CMYK").save(path)
    header, found = opened(path)
    assert (header.photometric, found.shape) == ("RGB", (37, 53, 3))
    assert "CMYK" in header.notices[0]


def test_pages_are_frames_where_they_are_alike(tmp_path):
    pages = [GREY16, GREY16 // 2, GREY16 // 3]
    path = tmp_path / "x.tif"
    images = [Image.fromarray(page) for page in pages]
    images[0].save(path, save_all=True, append_images=images[1:])
    header = read_header(path)
    assert header.frames == 3
    for frame, page in zip(read_frames(header), pages, strict=True):
        assert np.array_equal(frame.pixels, page)
    other = Image.fromarray(GREY16[:10])
    images[0].save(path, save_all=True, append_images=[other])
    header = read_header(path)
    assert header.frames == 1
    assert "only the first" in header.notices[0]


def test_identity_groups_a_folder_and_tells_files_apart(tmp_path):
    one, two = (saved(tmp_path / name, imagecodecs.png_encode(GREY8)) for name in ("a.png", "b"))
    first, second = read_header(one).identity, read_header(two).identity
    assert first.study_uid == second.study_uid
    assert first.series_uid == second.series_uid
    assert first.instance_uid != second.instance_uid
    assert first.series_description == "a.png"
    assert first == read_header(one).identity
    for uid in (first.study_uid, first.series_uid, first.instance_uid):
        assert uid.startswith("2.25.")
        assert len(uid) <= 64


def test_real_chest_radiographs(shared_data):
    for path in sorted((shared_data / "chest" / "val").glob("*.jp2"))[:3]:
        header, found = opened(path)
        assert (header.bits_stored, found.shape, found.dtype) == (8, (1024, 1024), np.uint8)
    mask = next(iter(sorted((shared_data / "lungs" / "val").glob("*.png"))))
    assert set(np.unique(opened(mask)[1])) == {0, 255}


@pytest.mark.parametrize("kind", ["png", "jpg", "jp2", "j2k", "tif"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.98])
def test_truncated_files_are_refused(tmp_path, kind, kept):
    path = tmp_path / f"x.{kind}"
    if kind in ("jp2", "j2k"):
        data = bytes(imagecodecs.jpeg2k_encode(GREY8, codecformat=kind, level=0))
    else:
        Image.fromarray(GREY8).save(path)
        data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ImageError, match=rf"^x\.{kind}: .*\.$"):
        opened(path)


def test_lying_headers_are_refused(tmp_path):
    data = bytearray(imagecodecs.png_encode(GREY8))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    with pytest.raises(ImageError, match="GiB"):
        opened(saved(tmp_path / "x.png", data))
    data[16:24] = (40000).to_bytes(4, "big") * 2
    with pytest.raises(ImageError, match="cannot hold"):
        opened(saved(tmp_path / "x.png", data))


@pytest.mark.parametrize("kind", ["png", "jpg", "jp2", "tif"])
def test_mutated_files_open_or_are_refused(tmp_path, kind):
    path = tmp_path / f"x.{kind}"
    if kind == "jp2":
        path.write_bytes(imagecodecs.jpeg2k_encode(GREY8, level=0))
    else:
        Image.fromarray(GREY8).save(path)
    original = path.read_bytes()
    for _ in range(40):
        raw = bytearray(original)
        for at in RNG.integers(0, len(raw), RNG.integers(1, 6)):
            raw[at] = RNG.integers(0, 256)
        path.write_bytes(raw)
        sentence = outcome(path)
        assert sentence == "" or sentence.startswith(path.name)


def outcome(path):
    """Return "" for a file that opens, else the sentence; anything but ImageError is raised."""
    try:
        opened(path)
    except ImageError as error:
        return str(error)
    return ""

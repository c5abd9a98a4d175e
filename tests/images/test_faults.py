"""Bad files: one sentence that names the file, quickly, and nothing allocated."""

from __future__ import annotations

import time
import tracemalloc
import zlib

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from tests.dicom_files import ramp, write_dicom_file
from viewer.errors import ImageError
from viewer.images.opening import read_frame, read_header


def refusal(path, *, seconds_at_most=1.0):
    """Return the sentence with which a file is refused; check its form and the time it takes."""
    begin = time.perf_counter()
    with pytest.raises(ImageError) as caught:
        read_frame(read_header(path))
    seconds = time.perf_counter() - begin
    sentence = str(caught.value)
    assert sentence.startswith(f"{path.name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert seconds < seconds_at_most
    return sentence


def peak_memory(path):
    """Return the bytes allocated at most while a file is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(ImageError):
            read_frame(read_header(path))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.dcm", b"", "it is empty"),
        ("notes.txt", b"Findings: none.\n" * 40, "it is not a DICOM"),
        ("random.dcm", np.random.default_rng(5).bytes(5000), "it is not a DICOM"),
        ("zeros.dcm", bytes(5000), "it is not a DICOM"),
        ("magic.dcm", bytes(128) + b"DICM", "not a DICOM image"),
        ("cut.png", b"\x89PNG\r\n\x1a\n", "header is damaged"),
        ("cut.jpg", b"\xff\xd8\xff\xe0", "header is damaged"),
        ("cut.jp2", b"\xff\x4f\xff\x51\0\x29", "header is damaged"),
        ("cut.tif", b"II*\0\x08\0\0\0", "truncated"),
    ],
)
def test_what_is_no_image(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    assert reason in refusal(path)


def test_missing_files_and_folders(tmp_path):
    assert "no such file" in refusal(tmp_path / "gone.dcm")
    assert "not a file" in refusal(tmp_path)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_truncated_native_pixels(tmp_path, kept):
    path = write_dicom_file(tmp_path / "x.dcm", ramp(200, 200, 12))
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    assert "truncated" in refusal(path)


def test_truncated_compressed_pixels(tmp_path, pydicom_data):
    raw = (pydicom_data / "MR2_J2KI.dcm").read_bytes()
    path = tmp_path / "x.dcm"
    path.write_bytes(raw[: len(raw) // 2])
    assert "truncated" in refusal(path)


def test_a_compressed_frame_that_ends_early(tmp_path):
    import imagecodecs

    pixels = ramp(100, 100, 12)
    stream = bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0))
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        transfer_syntax=JPEG2000Lossless,
        pixel_data=encapsulate([stream[: len(stream) // 2]]),
    )
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Rows": 0}, "no pixels"),
        ({"Rows": None}, "how many rows"),
        ({"Rows": 65535, "Columns": 65535}, "GiB"),
        ({"Rows": 30000, "Columns": 30000}, "truncated"),
        ({"NumberOfFrames": 2_000_000_000}, "truncated"),
        ({"BitsAllocated": 64}, "64 bits allocated"),
        ({"SamplesPerPixel": 7}, "7 samples"),
        ({"PhotometricInterpretation": "HSV"}, "HSV"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette"),
        ({"PixelData": b""}, "empty"),
    ],
)
def test_absurd_and_impossible_headers(tmp_path, attributes, reason):
    path = write_dicom_file(tmp_path / "x.dcm", **attributes)
    assert reason in refusal(path)
    assert peak_memory(path) < 8 << 20


def test_a_stream_of_another_size_is_refused_before_decoding(tmp_path):
    import imagecodecs

    large = np.zeros((3000, 3000), np.uint16)
    stream = bytes(imagecodecs.jpeg2k_encode(large, codecformat="j2k", level=0))
    path = write_dicom_file(
        tmp_path / "x.dcm",
        ramp(24, 32, 16),
        transfer_syntax=JPEG2000Lossless,
        pixel_data=encapsulate([stream]),
    )
    assert "3000 x 3000, but the header says 32 x 24" in refusal(path)
    assert peak_memory(path) < 8 << 20


def test_a_header_and_stream_that_both_lie(tmp_path):
    import imagecodecs

    small = np.zeros((64, 64), np.uint16)
    stream = bytearray(imagecodecs.jpeg2k_encode(small, codecformat="j2k", level=0))
    for at in (8, 12, 24, 28):  # Xsiz, Ysiz, XTsiz, YTsiz
        stream[at : at + 4] = (30000).to_bytes(4, "big")
    path = write_dicom_file(
        tmp_path / "x.dcm",
        small,
        transfer_syntax=JPEG2000Lossless,
        pixel_data=encapsulate([bytes(stream)]),
        Rows=30000,
        Columns=30000,
    )
    assert "cannot hold" in refusal(path)
    assert peak_memory(path) < 8 << 20


def test_rle_that_cannot_fill_the_frame(tmp_path):
    path = write_dicom_file(
        tmp_path / "x.dcm",
        ramp(24, 32, 16),
        transfer_syntax=RLELossless,
        pixel_data=encapsulate([b"\x02\0\0\0\x40\0\0\0\x42" + bytes(55) + b"\x81\x00" * 3]),
    )
    assert "damaged" in refusal(path)


def deflated_file(path, header_bytes, mebibytes):
    """Write a deflated file of `header_bytes` and then nothing but zeros."""
    named = b"UI\x16\0" + DeflatedExplicitVRLittleEndian.encode()
    meta = b"\x02\0\x10\0" + named
    start = bytes(128) + b"DICM\x02\0\0\0UL\x04\0" + len(meta).to_bytes(4, "little")
    pack = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = [pack.compress(header_bytes)]
    parts += [pack.compress(bytes(1 << 20)) for _ in range(mebibytes)]
    path.write_bytes(start + meta + b"".join(parts) + pack.flush())
    return path


def test_a_deflate_bomb_of_zeros_ends_with_the_header(tmp_path):
    path = deflated_file(tmp_path / "x.dcm", b"", 300)
    assert path.stat().st_size < 1 << 20
    refusal(path, seconds_at_most=3)


def test_a_deflate_bomb_that_claims_to_be_pixels(tmp_path):
    rows = b"\x28\0\x10\0US\x02\0\x10\0" + b"\x28\0\x11\0US\x02\0\x10\0"
    pixels = b"\xe0\x7f\x10\0OW\0\0" + (1 << 30).to_bytes(4, "little")
    path = deflated_file(tmp_path / "x.dcm", rows + pixels, 300)
    assert "256 MiB" in refusal(path)
    assert peak_memory(path) < 16 << 20


def test_endless_empty_elements(tmp_path):
    path = tmp_path / "x.dcm"
    raw = write_dicom_file(path).read_bytes()
    path.write_bytes(raw[: raw.index(b"\x28\0\x02\0US")] + b"\x09\0\x01\0LO\0\0" * 400_000)
    assert "no end" in refusal(path, seconds_at_most=1)


def test_other_kinds_of_dicom_are_named(tmp_path):
    def without_pixels(**attributes):
        return refusal(
            write_dicom_file(
                tmp_path / "x.dcm", PixelData=None, Rows=None, Columns=None, **attributes
            )
        )

    assert "(RT Plan)" in without_pixels(SOPClassUID="1.2.840.10008.5.1.4.1.1.481.5")
    assert "pixel data are missing" in without_pixels()
    assert "encrypted" in without_pixels(EncryptedAttributesSequence=Sequence([Dataset()]))
    assert "DICOMDIR" in without_pixels(SOPClassUID="1.2.840.10008.1.3.10")


def test_video_is_named(tmp_path):
    path = write_dicom_file(
        tmp_path / "x.dcm",
        ramp(8, 8, 8),
        transfer_syntax=MPEG4HP41,
        pixel_data=encapsulate([b"\0\0\0\x18ftypmp42"]),
    )
    assert "video (MPEG-4" in refusal(path)


def test_floating_point_pixels_are_named(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", PixelData=None)
    data = pydicom.dcmread(path)
    data.add_new(0x7FE00008, "OF", np.zeros(24 * 32, "<f4").tobytes())
    data.save_as(path)
    assert "floating-point" in refusal(path)


def test_a_file_that_changes_after_its_header_was_read(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", ramp(8, 8, 12), bits_stored=12)
    header = read_header(path)
    write_dicom_file(path, ramp(9, 9, 12), bits_stored=12)
    with pytest.raises(ImageError, match="changed"):
        read_frame(header)
    path.write_bytes(b"no longer an image at all")
    with pytest.raises(ImageError, match="changed"):
        read_frame(header)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_files_open_or_are_refused(tmp_path, pydicom_data, seed):
    rng = np.random.default_rng(seed)
    sources = [
        "emri_small_RLE.dcm",
        "emri_small_jpeg_ls_lossless.dcm",
        "OBXXXX1A_rle.dcm",
        "JPEG-LL.dcm",
        "emri_small_jpeg_2k_lossless.dcm",
        "vlut_04.dcm",
    ]
    original = (pydicom_data / sources[seed]).read_bytes()
    path = tmp_path / "x.dcm"
    for _ in range(40):
        raw = bytearray(original)
        reach = int(rng.choice([400, 1500, 4000, len(raw)]))
        for at in rng.integers(0, min(reach, len(raw)), rng.integers(1, 20)):
            raw[at] = rng.integers(0, 256)
        path.write_bytes(raw)
        sentence = outcome(path)
        assert sentence == "" or sentence.startswith("x.dcm: ")


def outcome(path):
    """Return "" for a file that opens, else the sentence; anything but ImageError is raised."""
    try:
        header = read_header(path)
        read_frame(header, header.frames - 1)
    except ImageError as error:
        return str(error)
    return ""

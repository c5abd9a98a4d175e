"""Stored values out of every compressed syntax, checked against values made here."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from tests.dicom_files import ramp, write_dicom_file
from tests.images.wild import stored
from viewer.images.opening import read_frame, read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256

ENCAPSULATED_UNCOMPRESSED = UID("1.2.840.10008.1.2.1.98")


def encoded(pixels, syntax):
    if syntax == JPEG2000Lossless:
        return imagecodecs.jpeg2k_encode(
            pixels, codecformat="j2k", reversible=True, level=0, bitspersample=12
        )
    if syntax == JPEGLSLossless:
        return imagecodecs.jpegls_encode(pixels)
    if syntax == JPEGLosslessSV1:
        return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=12)
    return pixels.tobytes()


@pytest.mark.parametrize(
    "syntax",
    [
        JPEG2000Lossless,
        JPEGLSLossless,
        JPEGLosslessSV1,
        ENCAPSULATED_UNCOMPRESSED,
    ],
)
@pytest.mark.parametrize("frames", [1, 3])
def test_lossless_syntaxes_agree_frame_by_frame(tmp_path, syntax, frames):
    pixels = np.stack([ramp(20, 31, 12)[:, ::step] for step in (1, -1, 1)])
    pixels[2] //= 2
    chosen = pixels[0] if frames == 1 else pixels
    parts = [bytes(encoded(each, syntax)) for each in pixels[:frames]]
    path = write_dicom_file(
        tmp_path / "x.dcm",
        chosen,
        bits_stored=12,
        frames=frames,
        transfer_syntax=syntax,
        pixel_data=encapsulate(parts),
    )
    header = read_header(path)
    assert header.frames == frames
    assert pixel_sha256(read_frames(header)) == pixel_sha256(pixels[:frames])
    assert not header.lossy.lossy
    with pytest.raises(IndexError):
        read_frame(header, frames)


@pytest.mark.parametrize("shape", [(24, 32), (24, 32, 3)])
@pytest.mark.parametrize("number", [110, 111, 112])
def test_jpeg_xl_syntaxes(tmp_path, number, shape):
    pixels = np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        transfer_syntax=HTJ2KLossless,
        pixel_data=encapsulate([imagecodecs.jpegxl_encode(pixels, lossless=True)]),
    )
    # pydicom does not know these syntaxes; their names are as long.
    syntax = f"1.2.840.10008.1.2.4.{number}"
    path.write_bytes(path.read_bytes().replace(HTJ2KLossless.encode(), syntax.encode()))
    assert read_header(path).transfer_syntax == syntax
    assert np.array_equal(stored(path), pixels)
    assert read_header(path).lossy.lossy == (number != 110)


def test_rle_of_pydicom_comes_back(tmp_path):
    pixels = ramp(20, 31, 12)
    data = pydicom.dcmread(write_dicom_file(tmp_path / "x.dcm", pixels, bits_stored=12))
    data.compress(RLELossless)
    data.save_as(tmp_path / "rle.dcm")
    assert np.array_equal(stored(tmp_path / "rle.dcm"), pixels)


def test_several_fragments_make_one_frame_whatever_the_offset_table_says(tmp_path):
    pixels = ramp(64, 64, 12)
    stream = bytes(encoded(pixels, JPEG2000Lossless))
    stream += b"\0" * (len(stream) % 2)
    half = len(stream) // 4 * 2
    items = b"".join(
        struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part
        for part in (struct.pack("<I", 12345678), stream[:half], stream[half:])
    )
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        bits_stored=12,
        transfer_syntax=JPEG2000Lossless,
        pixel_data=items,
    )
    assert np.array_equal(stored(path), pixels)


def test_near_lossless_stays_within_its_error_and_range(tmp_path):
    pixels = ramp(40, 40, 10)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        bits_stored=10,
        transfer_syntax=JPEGLSNearLossless,
        pixel_data=encapsulate([bytes(imagecodecs.jpegls_encode(pixels, level=3))]),
    )
    found = stored(path)
    assert 0 < np.abs(found.astype(int) - pixels).max() <= 3
    assert found.max() <= 1023
    assert read_header(path).lossy.methods == ("ISO_14495_1",)


def test_overshoot_of_lossy_jpeg_is_held_not_wrapped(tmp_path):
    rng = np.random.default_rng(1)
    pixels = np.where(rng.random((64, 64)) < 0.5, 1023, 0).astype(np.uint16)
    stream = bytes(imagecodecs.jpeg8_encode(pixels, level=60, bitspersample=12))
    assert imagecodecs.jpeg8_decode(stream).max() > 1023
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        bits_stored=10,
        transfer_syntax=JPEGExtended12Bit,
        pixel_data=encapsulate([stream]),
    )
    found = stored(path)
    assert found.max() == 1023
    assert np.abs(found.astype(int) - pixels).max() < 512


@pytest.mark.parametrize("named", [ExplicitVRLittleEndian, JPEGLSLossless, UID("1.2.3.4.5")])
def test_a_stream_is_decoded_for_what_it_is(tmp_path, named):
    pixels = ramp(20, 20, 12)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        bits_stored=12,
        transfer_syntax=JPEG2000Lossless,
        pixel_data=encapsulate([bytes(encoded(pixels, JPEG2000Lossless))]),
    )
    raw = path.read_bytes()
    old = JPEG2000Lossless.encode() + b"\0" * (len(JPEG2000Lossless) % 2)
    new = named.encode().ljust(len(old), b"\0")
    path.write_bytes(raw.replace(old, new))
    assert np.array_equal(stored(path), pixels)
    if named != JPEGLSLossless:
        assert any("JPEG 2000" in notice for notice in read_header(path).notices)


def test_uncompressed_pixels_under_a_compressed_name(tmp_path):
    pixels = ramp(20, 20, 12)
    path = write_dicom_file(tmp_path / "x.dcm", pixels, bits_stored=12)
    raw = path.read_bytes()
    old = ExplicitVRLittleEndian.encode() + b"\0"
    new = RLELossless.encode().ljust(len(old), b"\0")
    assert len(new) == len(old)
    path.write_bytes(raw.replace(old, new))
    assert np.array_equal(stored(path), pixels)
    assert "uncompressed" in read_header(path).notices[0]


def test_threads_decode_side_by_side(pydicom_data):
    """Run in a fresh interpreter, so that the threads also meet at the decoders' registration."""
    import subprocess
    import sys

    names = ["emri_small_jpeg_ls_lossless", "emri_small_jpeg_2k_lossless", "emri_small_RLE"]
    script = (
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from viewer.images.opening import read_frames, read_header\n"
        "from viewer.images.pixel_hash import pixel_sha256\n"
        "def work(path): return pixel_sha256(read_frames(read_header(path)))\n"
        "with ThreadPoolExecutor(6) as pool: found = set(pool.map(work, sys.argv[1:] * 6))\n"
        "print(len(found))\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script]
        + [str(pydicom_data / f"{name}.dcm") for name in names],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.stdout.strip(), run.stderr) == ("1", "")

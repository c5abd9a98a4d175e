"""Compressed pixels as they are met: fragments, padding, streams of another kind than said."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests.dicom_files import ramp, write_dicom_file
from tests.images.wild import PIXELS, compressed, lossless_jpeg, stored
from viewer.errors import ImageError
from viewer.images.opening import read_frame, read_header


def test_one_frame_in_many_fragments_and_no_offset_table(tmp_path):
    stream = lossless_jpeg(PIXELS)
    pieces = [stream[at : at + 100] for at in range(0, len(stream), 100)]
    path = compressed(tmp_path / "x.dcm", 1, pieces)
    assert np.array_equal(stored(path), PIXELS)


def test_frames_in_several_fragments_each_and_an_empty_offset_table(tmp_path):
    frames = [np.roll(PIXELS, 5 * each) for each in range(3)]
    pieces = []
    for frame in frames:
        stream = lossless_jpeg(frame)
        half = len(stream) // 4 * 2
        pieces += [stream[:half], stream[half:]]
    path = compressed(tmp_path / "x.dcm", 3, pieces)
    for number, frame in enumerate(frames):
        assert np.array_equal(stored(path, number), frame)


@pytest.mark.parametrize("padding", [b"", b"\0"])
def test_several_frames_in_one_fragment(tmp_path, padding):
    frames = [np.roll(PIXELS, 5 * each) for each in range(3)]
    stream = padding.join(lossless_jpeg(frame) for frame in frames)
    path = compressed(tmp_path / "x.dcm", 3, [stream])
    for number, frame in enumerate(frames):
        assert np.array_equal(stored(path, number), frame)


def test_an_offset_table_that_was_left_out(tmp_path):
    path = compressed(tmp_path / "x.dcm", 1, [lossless_jpeg(PIXELS)], table=b"")
    assert np.array_equal(stored(path), PIXELS)


def test_a_bare_stream_without_any_fragment(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", bits_stored=12)
    stream = imagecodecs.jpeg2k_encode(PIXELS, reversible=True, bitspersample=12)
    data = pydicom.dcmread(path)
    data.PixelData = stream + b"\0" * (len(stream) % 2)
    data.save_as(path)
    plain, named = ExplicitVRLittleEndian.encode() + b"\0", JPEG2000Lossless.encode()
    raw = path.read_bytes()
    at = raw.index(plain)
    # The names differ in length, and the lengths of element and group with them.
    grown = len(named) - len(plain)
    raw = raw[: at - 2] + struct.pack("<H", len(named)) + named + raw[at + len(plain) :]
    length = struct.unpack("<I", raw[140:144])[0] + grown
    path.write_bytes(raw[:140] + struct.pack("<I", length) + raw[144:])
    assert np.array_equal(stored(path), PIXELS)
    assert "without their frame" in " ".join(read_header(path).notices)


@pytest.mark.parametrize("said", [1, 3])
def test_a_stream_of_another_number_of_samples(tmp_path, said):
    grey = ramp(24, 32, 8)
    colour = np.stack([grey, grey[::-1], grey.T.reshape(24, 32)], axis=-1)
    held = grey if said == 3 else colour
    stream = imagecodecs.jpeg8_encode(held, level=100, subsampling="444")
    path = write_dicom_file(
        tmp_path / "x.dcm",
        colour if said == 3 else grey,
        photometric="RGB" if said == 3 else "MONOCHROME2",
        transfer_syntax=JPEGBaseline8Bit,
        pixel_data=encapsulate([stream]),
    )
    header = read_header(path)
    assert header.samples == (1 if said == 3 else 3)
    assert np.abs(read_frame(header).pixels.astype(int) - held).max() <= 6
    assert any("samples" in each for each in header.notices)


def test_rle_segments_of_odd_length_and_padding(tmp_path):
    pixels = ramp(7, 9, 16)
    high, low = (pixels >> 8).astype(np.uint8), pixels.astype(np.uint8)
    segments = [imagecodecs.packbits_encode(each.tobytes()) for each in (high, low)]
    head = struct.pack("<16I", 2, 64, 64 + len(segments[0]), *[0] * 13)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        transfer_syntax=RLELossless,
        pixel_data=encapsulate([head + b"".join(segments) + b"\0\0\0"]),
    )
    assert np.array_equal(stored(path), pixels)


@pytest.mark.parametrize("bits_stored", [8, 12])
def test_baseline_jpeg_in_sixteen_bits_allocated(tmp_path, bits_stored):
    pixels = ramp(24, 32, 8)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels.astype(np.uint16),
        bits_stored=bits_stored,
        transfer_syntax=JPEGBaseline8Bit,
        pixel_data=encapsulate([imagecodecs.jpeg8_encode(pixels, level=100)]),
    )
    found = stored(path)
    assert found.dtype == np.uint16
    assert np.abs(found.astype(int) - pixels).max() <= 4


def test_rle_of_eight_bits_in_sixteen_allocated(tmp_path):
    pixels = ramp(24, 32, 8)
    segment = imagecodecs.packbits_encode(pixels.tobytes())
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels.astype(np.uint16),
        bits_stored=8,
        transfer_syntax=RLELossless,
        pixel_data=encapsulate([struct.pack("<16I", 1, 64, *[0] * 14) + segment]),
    )
    assert np.array_equal(stored(path), pixels)
    assert "Bits Allocated" in " ".join(read_header(path).notices)


@pytest.mark.parametrize(("before", "after"), [(b"\0\0", b""), (b"", bytes(100)), (b"\0", b"\xff")])
def test_padding_around_a_stream(tmp_path, before, after):
    path = compressed(tmp_path / "x.dcm", 1, [before + lossless_jpeg(PIXELS) + after])
    assert np.array_equal(stored(path), PIXELS)


def test_jpeg_2000_without_its_end_marker_is_whole_or_refused(tmp_path):
    stream = imagecodecs.jpeg2k_encode(PIXELS, reversible=True, codecformat="j2k", bitspersample=12)
    assert stream.endswith(b"\xff\xd9")
    path = compressed(tmp_path / "x.dcm", 1, [stream[:-2]], syntax=JPEG2000Lossless)
    assert np.array_equal(stored(path), PIXELS)
    path = compressed(tmp_path / "y.dcm", 1, [stream[:-40]], syntax=JPEG2000Lossless)
    with pytest.raises(ImageError):
        stored(path)

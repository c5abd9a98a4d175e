"""Data sets as they are met, however they are written: opened where that is safe, and said."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tests.dicom_files import ramp, write_dicom_file
from tests.images.wild import PIXELS, data_set, stored
from viewer.images.opening import read_header

GE_PRIVATE = "1.2.840.113619.5.2"


def with_meta(path, content, syntax):
    """Write a file whose meta information names a syntax, whatever the content is."""
    meta = pydicom.dcmread(write_dicom_file(path)).file_meta
    meta.TransferSyntaxUID = UID(syntax)
    buffer = pydicom.filebase.DicomBytesIO()
    pydicom.filewriter.write_file_meta_info(buffer, meta)
    path.write_bytes(bytes(128) + b"DICM" + buffer.getvalue() + content)
    return path


ENCODINGS = [(False, True), (True, True), (False, False), (True, False)]


@pytest.mark.parametrize(("implicit", "little"), ENCODINGS)
def test_a_bare_data_set_of_any_encoding(tmp_path, implicit, little):
    path = tmp_path / "x"
    path.write_bytes(data_set(path, implicit=implicit, little=little))
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize(("implicit", "little"), ENCODINGS)
@pytest.mark.parametrize(
    "named", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_the_elements_are_believed_and_not_the_name(tmp_path, implicit, little, named):
    path = tmp_path / "x.dcm"
    with_meta(path, data_set(path, implicit=implicit, little=little), named)
    assert np.array_equal(stored(path), PIXELS)


def test_the_private_syntax_of_ge_has_big_endian_pixels_alone(tmp_path):
    path = tmp_path / "x.dcm"
    content = data_set(path, implicit=True, pixels=PIXELS.astype(">u2").tobytes())
    assert np.array_equal(stored(with_meta(path, content, GE_PRIVATE)), PIXELS)


def test_an_unknown_syntax_with_exactly_the_bytes_of_the_pixels(tmp_path):
    path = tmp_path / "x.dcm"
    with_meta(path, data_set(path), "1.3.46.670589.33.1.4.1")
    assert np.array_equal(stored(path), PIXELS)
    assert "uncompressed" in " ".join(read_header(path).notices)


def test_a_prefix_without_a_preamble(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[128:])
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("wrong", [0, 4, 10_000])
def test_a_wrong_length_of_the_meta_group(tmp_path, wrong):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = bytearray(path.read_bytes())
    raw[140:144] = struct.pack("<I", wrong)
    path.write_bytes(raw)
    assert np.array_equal(stored(path), PIXELS)


def test_group_lengths_that_lie_and_rubbish_at_the_end(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    for group in (0x0008, 0x0010, 0x0028):
        data.add_new(group << 16, "UL", 0x7FFFFFF0)
    data.add_new(0xFFFCFFFC, "OB", bytes(300))
    data.save_as(path)
    path.write_bytes(path.read_bytes() + bytes(4097))
    assert np.array_equal(stored(path), PIXELS)


def test_eight_bits_in_words_of_a_big_endian_file(tmp_path):
    pixels = ramp(5, 7, 8)
    words = np.frombuffer(pixels.tobytes() + b"\0", "<u2").astype(">u2").tobytes()
    data = pydicom.dcmread(write_dicom_file(tmp_path / "x.dcm", pixels))
    data.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    data.PixelData = words
    data["PixelData"].VR = "OW"
    pydicom.dcmwrite(tmp_path / "y.dcm", data, implicit_vr=False, little_endian=False)
    assert np.array_equal(stored(tmp_path / "y.dcm"), pixels)


@pytest.mark.parametrize("wrapped", [False, True])
def test_deflated_data_sets_without_group_length_and_with_a_zlib_header(tmp_path, wrapped):
    path = write_dicom_file(tmp_path / "x.dcm", private=False)
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[140:144])[0]
    named = ExplicitVRLittleEndian.encode() + b"\0"
    deflated = DeflatedExplicitVRLittleEndian.encode()
    before = b"\x02\0\x10\0UI" + struct.pack("<H", len(named)) + named
    after = b"\x02\0\x10\0UI" + struct.pack("<H", len(deflated)) + deflated
    meta = raw[144 : 144 + length].replace(before, after)
    pack = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    path.write_bytes(raw[:132] + meta + pack.compress(raw[144 + length :]) + pack.flush())
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("before", [bytes(132), bytes(128), b"\0", b" "])
def test_what_stands_before_the_content_is_passed_over(tmp_path, before):
    path = tmp_path / "x.dcm"
    content = data_set(path)
    path.write_bytes(before + content)
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("vr", [b"UN", b"OB", b"SS", b"US", b"??", b"ow"])
def test_pixel_data_of_an_odd_value_representation(tmp_path, vr):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    path.write_bytes(raw[: at + 4] + vr + raw[at + 6 :])
    assert np.array_equal(stored(path), PIXELS)


def test_native_pixels_of_undefined_length(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    path.write_bytes(raw[: at + 8] + b"\xff\xff\xff\xff" + raw[at + 12 :] + end)
    assert np.array_equal(stored(path), PIXELS)
    assert "uncompressed" in " ".join(read_header(path).notices)


def test_pixel_data_without_a_value_representation_in_an_explicit_file(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    path.write_bytes(raw[: at + 4] + struct.pack("<I", len(raw) - at - 12) + raw[at + 12 :])
    assert np.array_equal(stored(path), PIXELS)

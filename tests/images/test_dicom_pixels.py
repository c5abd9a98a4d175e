"""Stored values out of every native layout, checked against values made here."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tests.dicom_files import ramp, write_dicom_file
from tests.images.wild import stored
from viewer.images.opening import read_header

DEPTHS = [1, 7, 8, 10, 12, 15, 16, 24, 32]


@pytest.mark.parametrize(
    ("bits", "signed"),
    [(bits, False) for bits in DEPTHS] + [(bits, True) for bits in DEPTHS[1:]],
)
def test_native_values_come_back(tmp_path, bits, signed):
    pixels = ramp(9, 13, bits, signed=signed)
    path = write_dicom_file(tmp_path / "x.dcm", pixels, bits_stored=bits)
    header = read_header(path)
    assert (header.bits_stored, header.signed) == (bits, signed)
    found = stored(path)
    assert np.array_equal(found, pixels)
    expected = pixels.astype(np.int16) if pixels.dtype == np.int8 else pixels
    assert found.dtype == expected.dtype
    assert not found.flags.writeable


def test_overlay_bits_above_the_stored_ones_are_dropped(tmp_path):
    pixels = ramp(8, 8, 12)
    path = write_dicom_file(tmp_path / "x.dcm", pixels | 0x9000, bits_stored=12)
    assert np.array_equal(stored(path), pixels)


def test_high_bit_is_honoured_in_native_pixels(tmp_path):
    pixels = ramp(8, 8, 12)
    path = write_dicom_file(tmp_path / "x.dcm", (pixels << 4) | 0x7, bits_stored=12, high_bit=15)
    assert np.array_equal(stored(path), pixels)


def test_signed_values_in_unextended_bits(tmp_path):
    pixels = ramp(8, 8, 12, signed=True)
    unextended = (pixels.view(np.uint16) & 0x0FFF).view(np.int16)
    path = write_dicom_file(tmp_path / "x.dcm", unextended, bits_stored=12)
    assert np.array_equal(stored(path), pixels)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        ExplicitVRBigEndian,
    ],
)
@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "u4"])
def test_native_syntaxes_agree(tmp_path, syntax, kind):
    pixels = (np.arange(11 * 7).reshape(11, 7) * 37 - (700 if kind == "i2" else 0)).astype(kind)
    data = pydicom.dcmread(write_dicom_file(tmp_path / "x.dcm", pixels))
    if syntax == ExplicitVRBigEndian:
        swapped = pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()
        data.PixelData = swapped + b"\0" * (len(swapped) % 2)
    data.file_meta.TransferSyntaxUID = syntax
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    again = tmp_path / "again.dcm"
    data["PixelData"].VR = "OW" if pixels.itemsize > 1 or implicit else "OB"
    pydicom.dcmwrite(again, data, implicit_vr=implicit, little_endian=little)
    header = read_header(again)
    assert header.transfer_syntax == syntax
    assert np.array_equal(stored(again), pixels)


@pytest.mark.parametrize("bits", [10, 12, 24])
def test_samples_that_share_bytes(tmp_path, bits):
    values = np.random.default_rng(bits).integers(0, 1 << bits, (2, 7, 9))
    every = values.reshape(-1, 1) >> np.arange(bits) & 1
    packed = np.packbits(every.astype(np.uint8).ravel(), bitorder="little").tobytes()
    path = write_dicom_file(
        tmp_path / "x.dcm",
        values.astype(np.uint32),
        frames=2,
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelData=packed + b"\0" * (len(packed) % 2),
    )
    assert np.array_equal(stored(path, 0), values[0])
    assert np.array_equal(stored(path, 1), values[1])


def test_colour_by_plane_is_handed_out_by_pixel(tmp_path):
    pixels = np.stack([ramp(6, 8, 8), 255 - ramp(6, 8, 8), ramp(6, 8, 8) // 2], axis=-1)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()
    path = write_dicom_file(tmp_path / "x.dcm", pixels, pixel_data=planes, PlanarConfiguration=1)
    header = read_header(path)
    assert (header.photometric, header.samples) == ("RGB", 3)
    assert np.array_equal(stored(path), pixels)


def test_native_ybr_becomes_rgb(tmp_path):
    # PS3.3 C.7.6.3.1.2: white, black, and pure red of full-range YCbCr.
    ybr = np.array([[[255, 128, 128], [0, 128, 128], [76, 85, 255]]], np.uint8)
    path = write_dicom_file(tmp_path / "x.dcm", ybr, photometric="YBR_FULL")
    header = read_header(path)
    assert header.photometric == "RGB"
    expected = np.array([[[255, 255, 255], [0, 0, 0], [254, 0, 0]]])
    assert np.abs(stored(path).astype(int) - expected).max() <= 1


def test_bits_are_unpacked_lowest_first(tmp_path):
    path = write_dicom_file(
        tmp_path / "x.dcm",
        np.zeros((2, 8), np.uint8),
        pixel_data=bytes([0b00000101, 0b10000000]),
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
    )
    assert stored(path).tolist() == [[1, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]]


def test_a_file_without_preamble_and_meta_opens(tmp_path):
    pixels = ramp(20, 20, 12)
    data = pydicom.dcmread(write_dicom_file(tmp_path / "x.dcm", pixels, bits_stored=12))
    bare = pydicom.Dataset(data)
    path = tmp_path / "bare"
    pydicom.dcmwrite(path, bare, implicit_vr=True, little_endian=True)
    assert np.array_equal(stored(path), pixels)

"""Attributes that are missing, wrong or odd: the image opens, and what was done is said."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import ramp, write_dicom_file
from tests.images.wild import PIXELS, stored
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Window


@pytest.mark.parametrize("content", [None, b"\xff" * 8])
def test_an_icon_is_not_taken_for_the_image(tmp_path, content):
    icon = Dataset()
    icon.Rows, icon.Columns, icon.BitsAllocated, icon.BitsStored = 2, 2, 8, 8
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.PixelData = content or bytes(4)
    icon["PixelData"].VR = "OB"
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.IconImageSequence = Sequence([icon])
    data["IconImageSequence"].is_undefined_length = True
    data.IconImageSequence[0].is_undefined_length_sequence_item = True
    data.save_as(path)
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize(
    ("attributes", "notice"),
    [
        ({"BitsStored": 20}, "Bits Stored"),
        ({"BitsStored": 0}, "Bits Stored"),
        ({"HighBit": 3}, "High Bit"),
        ({"HighBit": None}, ""),
        ({"BitsAllocated": None}, "Bits Allocated"),
        ({"PixelRepresentation": None}, ""),
        ({"PhotometricInterpretation": None}, "Photometric"),
        ({"PhotometricInterpretation": "GREY"}, "Photometric"),
        ({"PhotometricInterpretation": "RGB"}, "Photometric"),
        ({"SamplesPerPixel": None}, ""),
        ({"SamplesPerPixel": 0}, ""),
    ],
)
def test_image_attributes_that_are_missing_or_wrong(tmp_path, attributes, notice):
    path = write_dicom_file(tmp_path / "x.dcm", bits_stored=12, **attributes)
    header = read_header(path)
    assert np.array_equal(read_frame(header).pixels, PIXELS)
    assert any(notice in each for each in header.notices) == bool(notice)


@pytest.mark.parametrize("text", ["0", "", " ", "1 "])
def test_numbers_of_frames_that_are_none(tmp_path, text):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.add_new("NumberOfFrames", "IS", "1")
    data.save_as(path)
    raw = path.read_bytes()
    at = raw.index(b"\x28\0\x08\0IS") + 8
    path.write_bytes(raw[:at] + text.ljust(2).encode()[:2] + raw[at + 2 :])
    assert read_header(path).frames == 1
    assert np.array_equal(stored(path), PIXELS)


def test_eight_bits_of_which_the_header_says_sixteen_and_the_other_way_round(tmp_path):
    eight = ramp(24, 32, 8)
    path = write_dicom_file(tmp_path / "x.dcm", eight, BitsAllocated=16)
    assert np.array_equal(stored(path), eight)
    path = write_dicom_file(tmp_path / "y.dcm", PIXELS, bits_stored=12, BitsAllocated=8)
    assert np.array_equal(stored(path), PIXELS)


def test_per_frame_groups_give_each_frame_its_own_grey(tmp_path):
    frames = np.stack([PIXELS] * 3)
    groups = []
    for number in range(3):
        voi, transform, frame = Dataset(), Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = 100 * (number + 1), 50
        transform.RescaleSlope, transform.RescaleIntercept = number + 1, -number
        frame.FrameVOILUTSequence = Sequence([voi])
        frame.PixelValueTransformationSequence = Sequence([transform])
        groups.append(frame)
    path = write_dicom_file(tmp_path / "x.dcm", frames, bits_stored=12, frames=3)
    data = pydicom.dcmread(path)
    data.PerFrameFunctionalGroupsSequence = Sequence(groups)
    data.save_as(path)
    header = read_header(path)
    for number in range(3):
        grey = read_frame(header, number).header.grey
        assert grey.windows == (Window(100 * (number + 1), 50),)
        assert (grey.slope, grey.intercept) == (number + 1, -number)


def windows(tmp_path, centre, width, **more):
    path = write_dicom_file(tmp_path / "x.dcm", **more)
    data = pydicom.dcmread(path)
    data.add_new(0x00281050, "LO", centre)
    data.add_new(0x00281051, "LO", width)
    data.save_as(path)
    raw = path.read_bytes()
    for element in (b"\x28\0\x50\x10LO", b"\x28\0\x51\x10LO"):
        raw = raw.replace(element, element[:4] + b"DS")
    path.write_bytes(raw)
    return read_header(path).grey.windows


def test_windows_as_they_are_written(tmp_path):
    assert windows(tmp_path, "40,5", "400,25") == (Window(40.5, 400.25),)
    assert windows(tmp_path, "\\50", "100\\200") == (Window(50, 200),)
    assert windows(tmp_path, "50", "") == ()
    assert windows(tmp_path, "50", "0") == ()
    assert windows(tmp_path, "NaN", "10") == ()
    sigmoid = windows(tmp_path, "50", "20", VOILUTFunction="SIGMOID")
    assert sigmoid == (Window(50, 20, "", "SIGMOID"),)


@pytest.mark.parametrize("spacing", ["0\\0", "-1\\1", "1E9\\1", "a\\b", "0.1", ""])
def test_spacings_that_cannot_be(tmp_path, spacing):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.add_new(0x00280030, "LO", spacing)
    data.save_as(path)
    path.write_bytes(path.read_bytes().replace(b"\x28\0\x30\0LO", b"\x28\0\x30\0DS"))
    header = read_header(path)
    assert (header.spacing, header.aspect) == (None, 1.0)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("first", [0, 3])
def test_palettes_of_eight_and_sixteen_bits(tmp_path, bits, first):
    table = np.arange(40, 90, dtype=np.uint8)
    entries = table if bits == 8 else table.astype("<u2") << 8
    named = {
        f"{colour}PaletteColorLookupTable{part}": value
        for colour in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [50, first, bits]), ("Data", entries.tobytes()))
    }
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)
    path = write_dicom_file(tmp_path / "x.dcm", pixels, photometric="PALETTE COLOR", **named)
    palette = read_header(path).palette
    assert palette is not None
    assert palette.first_mapped == first
    assert np.array_equal(palette.colours, np.stack([table] * 3, axis=-1))

"""What a header says of grey and colour: windows, tables, polarity, padding, palettes."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.opening import read_header
from viewer.images.radiograph import Spacing, Window


def header_of(tmp_path, pixels=None, **attributes):
    return read_header(write_dicom_file(tmp_path / "x.dcm", pixels, **attributes))


def test_windows_with_their_names(tmp_path):
    windows = header_of(
        tmp_path,
        WindowCenter=[40, -600, 5],
        WindowWidth=[400, 1500, 0],
        WindowCenterWidthExplanation=["SOFT", "LUNG"],
        VOILUTFunction="SIGMOID",
    )
    assert windows.grey.windows == (
        Window(40.0, 400.0, "SOFT", "SIGMOID"),
        Window(-600.0, 1500.0, "LUNG", "SIGMOID"),
    )
    assert "width 0" in windows.notices[0]


def test_presentation_lut_shape_inverts_monochrome2_once(tmp_path):
    def inverted(**attributes):
        return header_of(tmp_path, **attributes).grey.inverted

    assert not inverted()
    assert inverted(PresentationLUTShape="INVERSE")
    assert inverted(photometric="MONOCHROME1")
    assert inverted(photometric="MONOCHROME1", PresentationLUTShape="INVERSE")


def lut_item(descriptor, data, name="", vr="US"):
    item = Dataset()
    item.add_new(0x00283002, "US", descriptor)
    item.add_new(0x00283006, vr, data)
    if name:
        item.LUTExplanation = name
    return item


@pytest.mark.parametrize(
    ("data", "vr"),
    [
        ([0, 10, 2000, 4095], "US"),
        (np.array([0, 10, 2000, 4095], "<u2").tobytes(), "OW"),
    ],
)
def test_voi_luts_are_read_from_numbers_and_from_bytes(tmp_path, data, vr):
    sequence = Sequence([lut_item([4, 100, 12], data, "BONE", vr)])
    table = header_of(tmp_path, VOILUTSequence=sequence).grey.voi_luts[0]
    assert table.values.tolist() == [0, 10, 2000, 4095]
    assert (table.first_mapped, table.bits, table.name) == (100, 12, "BONE")


def test_eight_bit_entries_packed_two_to_a_word(tmp_path):
    packed = np.frombuffer(bytes([1, 2, 3, 4]), "<u2").tolist()
    item = lut_item([4, 0, 8], packed)
    table = header_of(tmp_path, ModalityLUTSequence=Sequence([item])).grey.modality_lut
    assert table is not None
    assert table.values.tolist() == [1, 2, 3, 4]


def test_a_table_of_65536_entries_is_written_as_zero(tmp_path):
    item = lut_item([0, 0, 16], np.arange(65536, dtype="<u2").tobytes(), vr="OW")
    table = header_of(tmp_path, VOILUTSequence=Sequence([item])).grey.voi_luts[0]
    assert table.values.size == 65536
    assert table.values[-1] == 65535


def test_understated_depth_of_a_table_is_raised(tmp_path):
    item = lut_item([2, 0, 10], [0, 4095])
    assert header_of(tmp_path, VOILUTSequence=Sequence([item])).grey.voi_luts[0].bits == 12


def test_a_short_table_is_left_out_and_said(tmp_path):
    header = header_of(tmp_path, VOILUTSequence=Sequence([lut_item([100, 0, 12], [1, 2])]))
    assert header.grey.voi_luts == ()
    assert "lookup table" in header.notices[0]


@pytest.mark.parametrize(
    ("signed", "attributes", "expected"),
    [
        (False, {"PixelPaddingValue": 0}, (0, 0)),
        (False, {"PixelPaddingValue": 4095, "PixelPaddingRangeLimit": 4000}, (4000, 4095)),
        (False, {}, None),
        (False, {"PixelPaddingValue": 60000}, None),  # beyond 12 bits: never met
        (True, {"PixelPaddingValue": -2000}, (-2000, -2000)),
    ],
)
def test_padding(tmp_path, signed, attributes, expected):
    pixels = ramp(8, 8, 12, signed=signed)
    header = header_of(tmp_path, pixels, bits_stored=12, **attributes)
    assert header.grey.padding == expected


def test_functional_groups_of_enhanced_images_are_looked_into(tmp_path):
    measures, shared, voi, frame = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.5, 0.25]
    shared.PixelMeasuresSequence = Sequence([measures])
    voi.WindowCenter, voi.WindowWidth = 100, 50
    frame.FrameVOILUTSequence = Sequence([voi])
    header = header_of(
        tmp_path,
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence([frame]),
    )
    assert header.spacing == Spacing(0.5, 0.25, "PixelSpacing")
    assert header.grey.windows == (Window(100.0, 50.0),)


def test_a_palette_becomes_colours(tmp_path):
    red = np.array([0, 65535, 0, 256], "<u2").tobytes()
    zero = np.zeros(4, "<u2").tobytes()
    attributes = {}
    for colour, data in (("Red", red), ("Green", zero), ("Blue", zero)):
        attributes[f"{colour}PaletteColorLookupTableDescriptor"] = [4, 2, 16]
        attributes[f"{colour}PaletteColorLookupTableData"] = data
    header = header_of(
        tmp_path,
        np.arange(12, dtype=np.uint8).reshape(3, 4),
        photometric="PALETTE COLOR",
        **attributes,
    )
    assert header.palette is not None
    assert header.palette.first_mapped == 2
    assert header.palette.colours.tolist() == [[0, 0, 0], [255, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_a_header_stays_comparable_and_hashable(tmp_path):
    item = lut_item([4, 0, 12], [0, 1, 2, 3])
    path = write_dicom_file(tmp_path / "x.dcm", VOILUTSequence=Sequence([item]))
    header = read_header(path)
    assert header == header
    assert len({header, header}) == 1
    assert pydicom.dcmread(path).VOILUTSequence[0].LUTDescriptor[0] == 4

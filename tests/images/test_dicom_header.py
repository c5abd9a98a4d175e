from __future__ import annotations

import warnings

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.opening import read_header
from viewer.images.radiograph import LossyHistory, Spacing, Window


def header_of(tmp_path, pixels=None, **attributes):
    return read_header(write_dicom_file(tmp_path / "x.dcm", pixels, **attributes))


def test_rg1_header(rg1_path):
    header = read_header(rg1_path)
    assert (header.rows, header.columns, header.frames, header.samples) == (1955, 1841, 1, 1)
    assert (header.bits_allocated, header.bits_stored, header.signed) == (16, 15, False)
    assert header.photometric == "MONOCHROME1"
    assert header.grey.inverted
    assert header.grey.windows == (Window(15000.0, 30000.0),)
    assert header.orientation == ("R", "L", "H", "F")
    assert header.identity.modality == "CR"
    assert header.spacing is None  # the file gives none
    assert not header.lossy.lossy
    assert header.stored_bits_total == 1955 * 1841 * 15


def test_identity_is_read_as_people_read_it(tmp_path):
    identity = header_of(
        tmp_path,
        PatientName="Müller^Anna^Maria^Dr^",
        SpecificCharacterSet="ISO_IR 100",
        PatientSex="F",
        ViewPosition="PA",
        BodyPartExamined="CHEST",
        ImageLaterality="R",
    ).identity
    assert identity.patient_name == "Müller, Anna Maria"
    assert (identity.patient_sex, identity.view_position) == ("F", "PA")
    assert (identity.body_part, identity.laterality) == ("CHEST", "R")
    assert identity.series_number == "1"


@pytest.mark.parametrize(
    ("attributes", "spacing", "aspect"),
    [
        ({}, None, 1.0),
        ({"PixelSpacing": [0.2, 0.1]}, Spacing(0.2, 0.1, "PixelSpacing"), 2.0),
        (
            {"ImagerPixelSpacing": [0.15, 0.15]},
            Spacing(0.15, 0.15, "ImagerPixelSpacing (at the detector)", "detector"),
            1.0,
        ),
        (
            {"PixelSpacing": [0.14, 0.14], "ImagerPixelSpacing": [0.15, 0.15]},
            Spacing(0.14, 0.14, "PixelSpacing", "patient"),
            1.0,
        ),
        (
            {"PixelSpacing": [0.15, 0.15], "ImagerPixelSpacing": [0.15, 0.15]},
            Spacing(0.15, 0.15, "PixelSpacing (at the detector)", "detector"),
            1.0,
        ),
        (
            {"PixelSpacing": [0.15, 0.15], "PixelSpacingCalibrationType": "FIDUCIAL"},
            Spacing(0.15, 0.15, "PixelSpacing (fiducial)", "patient"),
            1.0,
        ),
        (
            {
                "ImagerPixelSpacing": [0.5, 0.25],
                "EstimatedRadiographicMagnificationFactor": "1.25",
            },
            Spacing(0.4, 0.2, "ImagerPixelSpacing / 1.25 (ERMF)", "patient"),
            2.0,
        ),
        (
            {"NominalScannedPixelSpacing": [0.1, 0.1]},
            Spacing(0.1, 0.1, "NominalScannedPixelSpacing", "film"),
            1.0,
        ),
        ({"PixelSpacing": [0, 0]}, None, 1.0),
        ({"PixelAspectRatio": ["4", "3"]}, None, 4 / 3),
    ],
)
def test_spacing_and_aspect(tmp_path, attributes, spacing, aspect):
    header = header_of(tmp_path, **attributes)
    assert header.spacing == spacing
    assert header.aspect == pytest.approx(aspect)


def test_orientation_letters(tmp_path):
    assert header_of(tmp_path, PatientOrientation=["A", "F"]).orientation == ("P", "A", "H", "F")
    cosines = {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}
    assert header_of(tmp_path, **cosines).orientation == ("R", "L", "H", "F")
    assert header_of(tmp_path).orientation == ("", "", "", "")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, LossyHistory()),
        ({"LossyImageCompression": "00"}, LossyHistory()),
        ({"LossyImageCompression": "01"}, LossyHistory(True)),
        ({"LossyImageCompressionRatio": ["10", "8.5"]}, LossyHistory(True, (10.0, 8.5))),
        (
            {"LossyImageCompressionMethod": "ISO_15444_1"},
            LossyHistory(True, (), ("ISO_15444_1",)),
        ),
        ({"DerivationDescription": "Lossy compression with JPEG"}, LossyHistory(True)),
        ({"DerivationDescription": "Lossless compression"}, LossyHistory()),
    ],
)
def test_any_sign_of_loss_is_believed(tmp_path, attributes, expected):
    assert header_of(tmp_path, **attributes).lossy == expected


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


@pytest.mark.parametrize(
    ("attributes", "notice"),
    [
        ({"BitsStored": None}, "Bits Stored"),
        ({"HighBit": 40}, "High Bit"),
        ({"PhotometricInterpretation": None}, "Photometric"),
        ({"PhotometricInterpretation": "RGB"}, "does not fit"),
        ({"RescaleSlope": 0}, "Rescale Slope"),
    ],
)
def test_harmless_faults_become_notices(tmp_path, attributes, notice):
    header = header_of(tmp_path, ramp(8, 8, 16), **attributes)
    assert any(notice in each for each in header.notices)
    assert (header.photometric, header.bits_stored) == ("MONOCHROME2", 16)


def test_missing_optional_attributes_are_no_fault(tmp_path):
    header = header_of(
        tmp_path,
        **dict.fromkeys(
            ("PatientName", "StudyDate", "SamplesPerPixel", "PixelRepresentation", "Modality")
        ),
    )
    assert header.identity.patient_name == ""
    assert (header.samples, header.signed) == (1, False)


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


def test_reading_warns_of_nothing(pydicom_data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
        for path in sorted(pydicom_data.glob("693*.dcm")):
            read_header(path)
    assert not caught


def test_a_header_stays_comparable_and_hashable(tmp_path):
    item = lut_item([4, 0, 12], [0, 1, 2, 3])
    path = write_dicom_file(tmp_path / "x.dcm", VOILUTSequence=Sequence([item]))
    header = read_header(path)
    assert header == header
    assert len({header, header}) == 1
    assert pydicom.dcmread(path).VOILUTSequence[0].LUTDescriptor[0] == 4


@pytest.mark.parametrize(
    ("attributes", "rate"),
    [
        ({}, 0.0),
        ({"FrameTime": 40}, 25.0),
        ({"CineRate": 15, "FrameTime": 40}, 15.0),
        ({"RecommendedDisplayFrameRate": 30, "CineRate": 15}, 30.0),
        ({"FrameTime": 0}, 0.0),
        ({"CineRate": 0}, 0.0),
    ],
)
def test_frame_rate(tmp_path, attributes, rate):
    assert read_header(write_dicom_file(tmp_path / "x.dcm", **attributes)).frame_rate == rate

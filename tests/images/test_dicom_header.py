"""What a header says: whose image, how large, how it lies, what it has lost."""

from __future__ import annotations

import warnings

import pytest

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


def test_reading_warns_of_nothing(pydicom_data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")
        for path in sorted(pydicom_data.glob("693*.dcm")):
            read_header(path)
    assert not caught


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

"""Every file of pydicom and of its data package: read as pydicom reads it, or refused rightly."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from viewer.errors import ImageError
from viewer.images.display import grey_table
from viewer.images.library import scan
from viewer.images.opening import read_frame, read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Window

# Files of pydicom's own tests that are refused, and the word that tells why.
REFUSED = {
    "ExplVR_BigEndNoMeta.dcm": "no image (RT Ion Plan)",
    "ExplVR_LitEndNoMeta.dcm": "no image (RT Ion Plan)",
    "JPEG2000-embedded-sequence-delimiter.dcm": "but the header says 256 x 1024",
    "MR_truncated.dcm": "truncated (8130 of 8192 bytes)",
    "UN_sequence.dcm": "pixel data are missing",
    "empty_charset_LEI.dcm": "no image",
    "meta_missing_tsyntax.dcm": "how many rows",
    "nested_priv_SQ.dcm": "how many rows",
    "no_meta_group_length.dcm": "pixel data are missing",
    "priv_SQ.dcm": "pixel data are missing",
    "reportsi.dcm": "no image (Basic Text SR)",
    "reportsi_with_empty_number_tags.dcm": "no image (Basic Text SR)",
    "rtplan.dcm": "no image (RT Plan)",
    "rtplan_truncated.dcm": "no image (RT Plan)",
    "rtstruct.dcm": "no image (RT Structure Set)",
    "test-SR.dcm": "no image (Comprehensive SR)",
    "waveform_ecg.dcm": "no image (12-lead ECG Waveform)",
}


@pytest.mark.parametrize(
    "stem", ["693", "MR2", "RG1", "RG3", "US1", "emri_small", "liver", "OBXXXX1A", "SC_rgb"]
)
def test_pixels_are_those_that_pydicom_reads_natively(pydicom_data, stem):
    checked = 0
    for path in sorted(pydicom_data.glob(f"{stem}*.dcm")):
        data = pydicom.dcmread(path)
        if data.file_meta.TransferSyntaxUID.is_compressed or path.name == "SC_ybr_full.dcm":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = data.pixel_array
        header = read_header(path)
        expected = expected[np.newaxis] if header.frames == 1 else expected
        for frame in read_frames(header):
            assert np.array_equal(frame.pixels, expected[frame.frame])
            assert frame.pixels.dtype == expected.dtype.newbyteorder("=")
        checked += 1
    assert checked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RG1_UNCR", "RG1_J2KR"),
        ("RG1_UNCI", "RG1_J2KI"),
        ("693_UNCR", "693_J2KR"),
        ("MR2_UNCR", "MR2_J2KR"),
        ("US1_UNCR", "US1_J2KR"),
        ("emri_small", "emri_small_jpeg_ls_lossless"),
        ("emri_small", "emri_small_jpeg_2k_lossless"),
        ("emri_small", "emri_small_RLE"),
        ("emri_small", "emri_small_big_endian"),
        ("OBXXXX1A_2frame", "OBXXXX1A_rle_2frame"),
        ("SC_rgb_16bit", "SC_rgb_expb_16bit"),
        ("color-pl", "color-px"),
    ],
)
def test_two_writings_of_one_image_share_one_hash(pydicom_data, one, other):
    hashes = {
        pixel_sha256(read_frames(read_header(pydicom_data / f"{name}.dcm")))
        for name in (one, other)
    }
    assert len(hashes) == 1


def test_every_file_of_pydicom_data_opens(pydicom_data):
    library = scan([pydicom_data])
    assert library.refusals == ()
    assert len(library.headers) == 68
    for header in library.headers:
        assert read_frame(header, header.frames - 1).pixels.shape[:2] == (
            header.rows,
            header.columns,
        )


# What is refused among pydicom's test files of other names, and the word that tells why.
REFUSED_BESIDES = {
    "crayons.icc": "not a DICOM",
    "rtplan.dump": "not a DICOM",
    "rtstruct.dump": "not a DICOM",
    "test1.json": "not a DICOM",
    "test_PN.json": "not a DICOM",
    "zipMR.gz": "not a DICOM",
    "dicomdirtests/TINY_ALPHA/README": "not a DICOM",
    **{
        f"dicomdirtests/{name}": "list of other files (DICOMDIR)"
        for name in (
            "DICOMDIR",
            "DICOMDIR-bigEnd",
            "DICOMDIR-empty.dcm",
            "DICOMDIR-implicit",
            "DICOMDIR-nooffset",
            "DICOMDIR-nopatient",
            "DICOMDIR-reordered",
            "TINY_ALPHA/DICOMDIR",
        )
    },
}


def test_pydicoms_own_files_open_or_are_refused_for_the_right_reason():
    spec = find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "test_files"
    reasons, opened = {}, 0
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".py", ".pyc", ".txt"):
            continue
        try:
            header = read_header(path)
            read_frame(header, header.frames - 1)
            opened += 1
        except ImageError as error:
            reasons[name] = str(error)
    # Fifty files of this folder are headers alone, for tests of DICOMDIRs.
    alone = [name for name in reasons if name.startswith("dicomdirtests/TINY_ALPHA/PT")]
    assert len(alone) == 50
    for name in alone:
        assert "pixel data are missing" in reasons.pop(name)
    expected = REFUSED | REFUSED_BESIDES
    assert reasons.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in reasons[name]
    assert opened >= 90


def transcoded(data, path, syntax, *, signed=False):
    """Write RG3 in another native syntax, or with signed values 512 lower."""
    pixels = np.frombuffer(data.PixelData, "<u2")
    little = syntax != ExplicitVRBigEndian
    kind = ("<" if little else ">") + ("i2" if signed else "u2")
    values = pixels.astype(np.int32) - (512 if signed else 0)
    data.PixelData = values.astype(kind).tobytes()
    data["PixelData"].VR = "OW"
    if signed:
        data.PixelRepresentation = 1
        data.RescaleIntercept = float(data.get("RescaleIntercept", 0)) + 512
        data.RescaleSlope = 1
    data.file_meta.TransferSyntaxUID = syntax
    implicit = syntax == ImplicitVRLittleEndian
    pydicom.dcmwrite(path, data, implicit_vr=implicit, little_endian=little)
    return path


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian]
)
@pytest.mark.parametrize("signed", [False, True])
def test_rg3_transcoded_agrees_with_rg3(tmp_path, pydicom_data, syntax, signed):
    original = read_frame(read_header(pydicom_data / "RG3_UNCR.dcm"))
    data = pydicom.dcmread(pydicom_data / "RG3_UNCR.dcm")
    path = transcoded(data, tmp_path / "x.dcm", syntax, signed=signed)
    header = read_header(path)
    found = read_frame(header)
    assert header.signed == signed
    assert header.transfer_syntax == syntax
    assert np.array_equal(found.pixels.astype(int) + (512 if signed else 0), original.pixels)
    window = Window(600, 500)
    seen = grey_table(header, window, found.pixels.dtype).apply(found.pixels)
    table = grey_table(original.header, window, original.pixels.dtype)
    assert np.array_equal(seen, table.apply(original.pixels))


def test_a_byte_before_the_data_set_is_no_hindrance():
    spec = find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "test_files"
    cut, whole = (
        read_frame(read_header(folder / name)).pixels for name in ("no_meta.dcm", "CT_small.dcm")
    )
    assert np.array_equal(cut, whole)

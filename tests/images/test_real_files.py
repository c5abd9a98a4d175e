"""Every real file at hand: what it is, or why it is refused."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.errors import ImageError
from viewer.images.library import scan
from viewer.images.opening import read_frame, read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256

# rows, columns, samples, bits stored, photometric, lossy, lowest, highest
SHARED = {
    "misc/HTJ2KLossless_08_RGB.dcm": (480, 640, 3, 8, "RGB", False, 0, 255),
    "misc/HTJ2K_08_RGB.dcm": (480, 640, 3, 8, "RGB", True, 0, 255),
    "misc/cr-chest-10bit-monochrome1.dcm": (440, 440, 1, 10, "MONOCHROME1", False, 0, 979),
    "misc/cr-hand-12bit-j2k-odd-marker.dcm": (2500, 2048, 1, 12, "MONOCHROME2", False, 1, 4095),
    "misc/cr-panoramic-modality-lut.dcm": (1576, 1976, 1, 10, "MONOCHROME1", False, 0, 1023),
    "misc/dx-chest-12bit-monochrome1-j2k.dcm": (2128, 2000, 1, 12, "MONOCHROME1", False, 0, 4095),
    "wg04/MG1_J2KI": (4664, 3064, 1, 12, "MONOCHROME2", True, 0, 4095),
    "wg04/RG2_J2KI": (2140, 1760, 1, 10, "MONOCHROME2", True, 0, 937),
    "wg04/RG2_J2KR": (2140, 1760, 1, 10, "MONOCHROME2", False, 0, 893),
    "wg04/RG2_JLSL": (2140, 1760, 1, 10, "MONOCHROME2", False, 0, 893),
    "wg04/RG2_JLSN": (2140, 1760, 1, 10, "MONOCHROME2", True, 0, 897),
    "wg04/RG2_JPLL": (2140, 1760, 1, 10, "MONOCHROME2", False, 0, 893),
    "wg04/RG2_JPLY": (2140, 1760, 1, 10, "MONOCHROME2", True, 0, 960),
    "wg04/RG2_RLE": (2140, 1760, 1, 10, "MONOCHROME2", False, 0, 893),
    "wg04/RG2_UNC": (2140, 1760, 1, 10, "MONOCHROME2", False, 0, 893),
    "wg04/RG3_JLSL": (1760, 1760, 1, 10, "MONOCHROME1", False, 0, 1023),
    "wg04/RG3_JLSN": (1760, 1760, 1, 10, "MONOCHROME1", True, 0, 1023),
    "wg04/RG3_JPLL": (1760, 1760, 1, 10, "MONOCHROME1", False, 0, 1023),
    "wg04/RG3_JPLY": (1760, 1760, 1, 10, "MONOCHROME1", True, 0, 1023),
    "wg04/RG3_RLE": (1760, 1760, 1, 10, "MONOCHROME1", False, 0, 1023),
    "wg04/XA1_RLE": (1024, 1024, 1, 10, "MONOCHROME2", False, 0, 504),
}

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
    "no_meta.dcm": "not a DICOM",
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


def test_the_shared_files_are_what_they_are(shared_data):
    found = {}
    for path in sorted((shared_data / "dicom").rglob("*")):
        if path.is_file():
            header = read_header(path)
            pixels = read_frame(header).pixels
            found[path.relative_to(shared_data / "dicom").as_posix()] = (
                *(header.rows, header.columns, header.samples, header.bits_stored),
                *(header.photometric, header.lossy.lossy, pixels.min(), pixels.max()),
            )
    assert found == SHARED


@pytest.mark.parametrize(
    ("image", "reference", "lossless"),
    [
        ("RG2", "RG2_UNC", ("JLSL", "JPLL", "RLE", "J2KR")),
        ("RG3", "RG3_RLE", ("JLSL", "JPLL")),
    ],
)
def test_lossless_syntaxes_of_one_image_share_one_hash(shared_data, image, reference, lossless):
    folder = shared_data / "dicom" / "wg04"
    expected = pixel_sha256(read_frames(read_header(folder / reference)))
    for syntax in lossless:
        assert pixel_sha256(read_frames(read_header(folder / f"{image}_{syntax}"))) == expected


def test_wg04_rg3_is_that_of_pydicom(shared_data, pydicom_data):
    with_syntaxes = [
        shared_data / "dicom" / "wg04" / "RG3_RLE",
        pydicom_data / "RG3_UNCR.dcm",
        pydicom_data / "RG3_J2KR.dcm",
    ]
    assert len({pixel_sha256(read_frames(read_header(path))) for path in with_syntaxes}) == 1


@pytest.mark.parametrize(
    ("name", "reference", "psnr_db", "largest"),
    [
        ("RG2_JLSN", "RG2_UNC", 52, 4),  # near-lossless holds every pixel within its bound
        ("RG2_J2KI", "RG2_UNC", 54, 1023),
        ("RG2_JPLY", "RG2_UNC", 45, 1023),
        ("RG3_JLSN", "RG3_RLE", 53, 4),
        ("RG3_JPLY", "RG3_RLE", 52, 1023),
    ],
)
def test_lossy_syntaxes_differ_by_the_error_of_their_codec(
    shared_data, name, reference, psnr_db, largest
):
    folder = shared_data / "dicom" / "wg04"
    one = read_frame(read_header(folder / name)).pixels.astype(int)
    error = one - read_frame(read_header(folder / reference)).pixels.astype(int)
    assert 0 < np.abs(error).max() <= largest
    assert 10 * np.log10(1023**2 / np.mean(error**2)) > psnr_db


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


def test_pydicoms_own_files_open_or_are_refused_for_the_right_reason():
    spec = find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "test_files"
    reasons = {}
    for path in sorted(folder.glob("*.dcm")):
        try:
            header = read_header(path)
            read_frame(header, header.frames - 1)
        except ImageError as error:
            reasons[path.name] = str(error)
    assert reasons.keys() == REFUSED.keys()
    for name, reason in REFUSED.items():
        assert reason in reasons[name]

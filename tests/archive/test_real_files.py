"""Real radiographs through an archive: every value, every attribute, no new complaint."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.archive.conftest import Make
from tests.archive.test_dicom_header import plain
from viewer.archive.compressing import compress
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive
from viewer.codecs.base import Target
from viewer.images.opening import read_frames, read_header
from viewer.images.pixel_hash import pixel_sha256

PIXELS = {"PixelData", "PlanarConfiguration", "PhotometricInterpretation", "HighBit"}

OFTEN_ODD = (
    "wg04/RG3_JLSL",
    "wg04/RG2_RLE",
    "wg04/RG2_JPLL",
    "wg04/XA1_RLE",
    "misc/HTJ2K_08_RGB.dcm",
    "misc/cr-chest-10bit-monochrome1.dcm",
    "misc/cr-hand-12bit-j2k-odd-marker.dcm",
    "misc/cr-panoramic-modality-lut.dcm",
)


def raw_values(path: Path) -> dict[str, object]:
    """Every attribute but those of the pixels; text as the bytes that are in the file."""
    dataset = pydicom.dcmread(path, force=True)
    values: dict[str, object] = {}
    for tag in dataset.keys():  # noqa: SIM118
        element = dataset.get_item(tag)
        keyword = pydicom.datadict.keyword_for_tag(tag)
        if keyword in PIXELS or tag.element == 0:
            continue
        assert element is not None
        values[str(tag)] = (
            repr(element.value) if isinstance(element, pydicom.DataElement) else element.value
        )
    return values


@pytest.mark.parametrize("name", OFTEN_ODD)
def test_a_lossless_restore_of_a_real_file_changes_nothing(
    shared_data: Path, tmp_path: Path, coded: Make, name: str
) -> None:
    source = shared_data / "dicom" / name
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    (restored,) = restore(archive, tmp_path / "out")
    before, after = read_header(source), read_header(restored)
    assert pixel_sha256(read_frames(after)) == pixel_sha256(read_frames(before))
    assert raw_values(restored) == raw_values(source)


@pytest.mark.parametrize(
    "name",
    [
        "liver_expb_1frame.dcm",  # 1 bit, big endian
        "rtdose_rle.dcm",  # 32 bits, several frames
        "SC_rgb_jpeg.dcm",  # implicit attributes under an explicit syntax
        "explicit_VR-UN.dcm",
        "gdcm-US-ALOKA-16.dcm",  # 16-bit palette, implicit
        "MR_small_bigendian.dcm",
        "image_dfl.dcm",  # deflated
        "examples_ybr_color.dcm",
    ],
)
def test_a_lossless_restore_of_an_odd_file_keeps_every_value(
    tmp_path: Path, coded: Make, pydicom_data: Path, name: str
) -> None:
    folders = (Path(pydicom.__file__).parent / "data" / "test_files", pydicom_data)
    source = next(folder / name for folder in folders if (folder / name).is_file())
    archive = write_archive(tmp_path / "a.radz", [coded(source)])
    (restored,) = restore(archive, tmp_path / "out")
    hashes = [pixel_sha256(read_frames(read_header(path))) for path in (restored, source)]
    assert hashes[0] == hashes[1]
    before, after = (plain(pydicom.dcmread(path)) for path in (source, restored))
    for changes in (before, after):
        for tag in ("(0028,0004)", "(0028,0006)"):  # colour space and planes, said in FORMAT.md
            changes.pop(tag, None)
    assert after == before


def test_rg1_both_ways_with_jpeg_2000(rg1_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "rg1.radz"
    lossy = compress([rg1_path], out, codec_name="jpeg2000", target=Target("ratio", 18.0))
    assert lossy.stored_bytes / lossy.payload_bytes == pytest.approx(18.0, rel=0.02)
    assert lossy.archive_bytes < lossy.payload_bytes + 25_000
    (restored,) = restore(out, tmp_path / "lossy")
    marked = pydicom.dcmread(restored)
    assert marked.PhotometricInterpretation == "MONOCHROME1"
    assert marked.BitsStored == 15
    assert marked.LossyImageCompressionMethod == "ISO_15444_1"
    # What the codec knows of a picture decides which size near 18:1 it finds.
    ratio = lossy.stored_bytes / lossy.payload_bytes
    assert marked.DerivationDescription == f"Lossy ISO_15444_1 {ratio:.1f}:1 vs 15 stored bits"

    exact = compress([rg1_path], out, codec_name="jpeg2000", target=Target("lossless"))
    assert exact.lossless == 1
    (restored,) = restore(out, tmp_path / "exact")
    assert raw_values(restored) == raw_values(rg1_path)
    hashes = [pixel_sha256(read_frames(read_header(path))) for path in (restored, rg1_path)]
    assert hashes[0] == hashes[1]

    script = Path(__file__).parents[2] / "docs" / "read_radz.py"
    subprocess.run([sys.executable, str(script), str(out), str(tmp_path / "plain")], check=True)
    pixels = np.load(tmp_path / "plain" / "0001-0000.npy")
    assert pixel_sha256([pixels]) == hashes[0]
    assert pydicom.dcmread(tmp_path / "plain" / "0001.dcm").BitsStored == 15


def complaints(path: Path) -> set[str]:
    """What dciodvfy calls an error."""
    ran = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    return {line for line in ran.stderr.splitlines() if line.startswith("Error")}


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("codec", ["fake-exact", "fake-lossy"])
def test_dciodvfy_finds_no_error_the_source_did_not_have(
    rg1_path: Path, tmp_path: Path, coded: Make, codec: str
) -> None:
    archive = write_archive(tmp_path / "a.radz", [coded(rg1_path, codec)])
    (restored,) = restore(archive, tmp_path / "out")
    assert complaints(restored) <= complaints(rg1_path)
    assert complaints(rg1_path)  # the tool runs and has something to say of this file


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="dcmtk is not installed")
def test_dcmtk_reads_an_export_without_a_word(rg1_path: Path, tmp_path: Path, coded: Make) -> None:
    archive = write_archive(tmp_path / "a.radz", [coded(rg1_path, "fake-lossy")])
    (restored,) = restore(archive, tmp_path / "out")
    dumped = subprocess.run(["dcmdump", str(restored)], capture_output=True, check=True)
    assert dumped.stderr == b""
    assert b"(0028,2110) CS [01]" in dumped.stdout
    picture = tmp_path / "out.pgm"
    subprocess.run(["dcm2pnm", str(restored), str(picture)], capture_output=True, check=True)
    assert picture.read_bytes().startswith(b"P5")

"""DICOM in every syntax, read back by other programs to the same pixels."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.encaps import generate_frames, parse_basic_offsets
from pydicom.uid import UID

from tests.archive.conftest import Make, noisy
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.exporting import export
from viewer.archive.pixel_element import UIDS, Syntax, set_encapsulated
from viewer.codecs.base import Target
from viewer.images.codestream import read_codestream
from viewer.images.opening import read_frames, read_header

EXACT: tuple[Syntax, ...] = ("native", "jpeg2000-lossless", "jpeg-ls", "htj2k")


def tool(name: str) -> Any:
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"needs Debian's {name}")


def run(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def pixels_of(path: Path) -> list[NDArray[Any]]:
    return [frame.pixels for frame in read_frames(read_header(path))]


def exported(source: Path, folder: Path, syntax: Syntax, **keywords: Any) -> Path:
    result = export([source], folder / syntax, syntax=syntax, **keywords)
    assert result.problems == []
    (path,) = result.written
    return path


def smooth(bits: int, signed: bool = False) -> NDArray[Any]:
    """A ramp over the whole range with noise on it, as radiographs have."""
    values = ramp(60, 44, bits, signed=signed)
    noise = np.random.default_rng(bits).integers(-2, 3, values.shape)
    low = -(1 << (bits - 1)) if signed else 0
    return np.clip(values.astype(np.int64) + noise, low, low + (1 << bits) - 1).astype(values.dtype)


@pytest.mark.parametrize("syntax", EXACT)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
def test_every_depth_comes_back_with_its_attributes(
    tmp_path: Path, syntax: Syntax, bits: int, signed: bool
) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", smooth(bits, signed), bits_stored=bits)
    path = exported(source, tmp_path, syntax)
    before, after = pydicom.dcmread(source), pydicom.dcmread(path)
    assert after.file_meta.TransferSyntaxUID == UIDS[syntax]
    assert np.array_equal(pixels_of(path)[0], pixels_of(source)[0])
    assert path.stat().st_mode & 0o777 == 0o600
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert "LossyImageCompression" not in after
    for keyword in ("Rows", "BitsStored", "HighBit", "PixelRepresentation", "PatientID"):
        assert after[keyword].value == before[keyword].value
    assert after[0x0099, 0x1001].value == "kept by every archive"
    if syntax != "native":
        (frame,) = generate_frames(after.PixelData, number_of_frames=1)
        found = read_codestream(frame)
        assert found is not None
        assert found.precision == bits
        assert found.signed == (signed and syntax != "jpeg-ls")


@pytest.mark.parametrize("syntax", EXACT)
def test_frames_lie_one_in_a_fragment_behind_their_offsets(tmp_path: Path, syntax: Syntax) -> None:
    frames = np.stack([smooth(12) // (n + 1) for n in range(4)])
    source = write_dicom_file(tmp_path / "cine.dcm", frames, bits_stored=12, frames=4)
    path = exported(source, tmp_path, syntax)
    dataset = pydicom.dcmread(path)
    assert dataset.NumberOfFrames == 4
    assert all(np.array_equal(*pair) for pair in zip(pixels_of(path), frames, strict=True))
    if syntax != "native":
        offsets = parse_basic_offsets(dataset.PixelData)
        assert len(offsets) == 4
        start = 8 + 4 * 4
        for offset in offsets:
            assert dataset.PixelData[start + offset :][:4] == b"\xfe\xff\x00\xe0"


@pytest.mark.parametrize("syntax", EXACT)
def test_colour_says_the_transform_that_is_in_its_stream(tmp_path: Path, syntax: Syntax) -> None:
    pixels = np.stack([smooth(8), smooth(8)[::-1], smooth(8).T.reshape(60, 44)], axis=-1)
    source = write_dicom_file(tmp_path / "us.dcm", pixels)
    path = exported(source, tmp_path, syntax)
    said = pydicom.dcmread(path).PhotometricInterpretation
    assert said == ("YBR_RCT" if syntax in ("jpeg2000-lossless", "htj2k") else "RGB")
    assert np.array_equal(pixels_of(path)[0], pixels)


def test_lossy_jpeg_2000_keeps_the_bitstream_and_says_what_was_lost(
    tmp_path: Path, rg1_path: Path, coded: Make
) -> None:
    path = exported(rg1_path, tmp_path, "jpeg2000", target=Target("ratio", 12))
    before, after = pydicom.dcmread(rg1_path), pydicom.dcmread(path)
    assert after.file_meta.TransferSyntaxUID == UIDS["jpeg2000"]
    assert after.LossyImageCompression == "01"
    assert float(after.LossyImageCompressionRatio) == pytest.approx(12, rel=0.05)
    assert after.LossyImageCompressionMethod == "ISO_15444_1"
    assert after.ImageType[0] == "DERIVED"
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert path.stat().st_size < rg1_path.stat().st_size / 11
    difference = pixels_of(path)[0].astype(int) - pixels_of(rg1_path)[0]
    assert 0 < np.abs(difference).mean() < 200


def test_an_archive_is_exported_without_losing_more(
    tmp_path: Path, archive: Path, dicom: Path
) -> None:
    result = export([archive], tmp_path / "out", syntax="jpeg-ls")
    assert [path.name for path in result.written] == ["chest.dcm"]
    assert len(result.problems) == 1
    assert "hand.png was no DICOM file" in result.problems[0]
    dataset = pydicom.dcmread(result.written[0])
    assert dataset.LossyImageCompressionMethod == "FAKE_1"
    refused = export([archive], tmp_path / "out", syntax="jpeg2000")
    assert refused.written == []
    assert "is not coded with JPEG 2000" in refused.problems[0]


def test_deep_and_single_bit_images_are_refused_in_a_sentence(tmp_path: Path) -> None:
    source = write_dicom_file(tmp_path / "deep.dcm", ramp(24, 32, 24), bits_stored=24)
    result = export([source], tmp_path / "out", syntax="htj2k")
    assert result.written == []
    assert result.problems == [
        "deep.dcm has 32 bits a sample, which htj2k does not hold; export it native."
    ]


def test_noise_that_grows_in_jpeg_ls_is_exported_all_the_same(tmp_path: Path) -> None:
    source = write_dicom_file(tmp_path / "noise.dcm", noisy(50, 40, 8))
    path = exported(source, tmp_path, "jpeg-ls")
    assert np.array_equal(pixels_of(path)[0], noisy(50, 40, 8))
    assert b"SPIFF" not in path.read_bytes()


def test_beyond_four_gigabytes_the_extended_offset_table_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from viewer.archive import pixel_element

    monkeypatch.setattr(pixel_element, "_MOST_WITH_BASIC_TABLE", 20)
    dataset = pydicom.Dataset()
    set_encapsulated(dataset, [b"abc", b"defgh"])
    assert np.frombuffer(dataset.ExtendedOffsetTable, "<u8").tolist() == [0, 12]
    assert np.frombuffer(dataset.ExtendedOffsetTableLengths, "<u8").tolist() == [4, 6]
    assert dataset.PixelData.startswith(b"\xfe\xff\x00\xe0\0\0\0\0")


@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (16, False), (12, True)])
def test_a_second_decoder_reads_high_throughput_jpeg_2000(
    tmp_path: Path, bits: int, signed: bool
) -> None:
    openjpeg = pytest.importorskip("openjpeg")
    source = write_dicom_file(tmp_path / "in.dcm", smooth(bits, signed), bits_stored=bits)
    path = exported(source, tmp_path, "htj2k")
    (stream,) = generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1)
    assert np.array_equal(openjpeg.decode(stream), pixels_of(source)[0])


@tool("dciodvfy")
@pytest.mark.parametrize("syntax", ["native", "jpeg2000", "jpeg2000-lossless", "jpeg-ls"])
def test_dciodvfy_finds_no_error_the_source_has_not(
    tmp_path: Path, rg1_path: Path, syntax: Syntax
) -> None:
    def errors(path: Path) -> set[str]:
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
        said = (done.stderr + done.stdout).decode("latin-1").splitlines()
        return {line for line in said if line.lower().startswith("error")}

    assert errors(exported(rg1_path, tmp_path, syntax)) <= errors(rg1_path)


@tool("dcm2pnm")
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_dcm2pnm_reads_native_files(tmp_path: Path, bits: int) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", smooth(bits), bits_stored=bits)
    run("dcm2pnm", "--write-16-bit-pnm", exported(source, tmp_path, "native"), tmp_path / "o.pgm")
    words = [
        word
        for line in (tmp_path / "o.pgm").read_text().splitlines()
        if not line.startswith("#")
        for word in line.split()
    ]
    assert words[:4] == ["P2", "44", "60", "65535"]
    grey = np.array(words[4:], dtype=np.int64).reshape(60, 44)
    assert np.array_equal(grey >> (16 - bits), pixels_of(source)[0])


@tool("dcmdjpls")
@pytest.mark.parametrize(("bits", "frames"), [(8, 1), (12, 1), (16, 1), (12, 3)])
def test_dcmdjpls_reads_jpeg_ls(tmp_path: Path, bits: int, frames: int) -> None:
    pixels = np.stack([smooth(bits) // (n + 1) for n in range(frames)])
    source = write_dicom_file(
        tmp_path / "in.dcm", pixels if frames > 1 else pixels[0], bits_stored=bits, frames=frames
    )
    run("dcmdjpls", exported(source, tmp_path, "jpeg-ls"), tmp_path / "out.dcm")
    read = pydicom.dcmread(tmp_path / "out.dcm").pixel_array
    assert np.array_equal(read.reshape(pixels.shape), pixels)


@tool("gdcmconv")
@pytest.mark.parametrize("syntax", ["jpeg2000-lossless", "jpeg2000"])
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (16, False), (12, True)])
def test_gdcmconv_reads_jpeg_2000(tmp_path: Path, bits: int, signed: bool, syntax: Syntax) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", smooth(bits, signed), bits_stored=bits)
    path = exported(source, tmp_path, syntax, target=Target("ratio", 3))
    run("gdcmconv", "--raw", path, tmp_path / "out.dcm")
    dataset = pydicom.dcmread(tmp_path / "out.dcm")
    assert not UID(dataset.file_meta.TransferSyntaxUID).is_compressed
    assert np.array_equal(dataset.pixel_array, pixels_of(path)[0])
    if syntax == "jpeg2000-lossless":
        assert np.array_equal(dataset.pixel_array, pixels_of(source)[0])


@tool("gdcmconv")
@pytest.mark.parametrize("syntax", ["jpeg2000-lossless", "jpeg2000"])
def test_gdcmconv_reads_frames_of_jpeg_2000(tmp_path: Path, syntax: Syntax) -> None:
    pixels = np.stack([smooth(12) // (n + 1) for n in range(3)])
    source = write_dicom_file(tmp_path / "cine.dcm", pixels, bits_stored=12, frames=3)
    path = exported(source, tmp_path, syntax, target=Target("ratio", 3))
    run("gdcmconv", "--raw", path, tmp_path / "out.dcm")
    assert np.array_equal(pydicom.dcmread(tmp_path / "out.dcm").pixel_array, pixels_of(path))


@tool("dcmdjpls")
@tool("gdcmconv")
def test_colour_is_read_by_other_programs(tmp_path: Path) -> None:
    pixels = np.stack([smooth(8), smooth(8)[::-1], smooth(8).T.reshape(60, 44)], axis=-1)
    source = write_dicom_file(tmp_path / "us.dcm", pixels)
    run("dcmdjpls", exported(source, tmp_path, "jpeg-ls"), tmp_path / "a.dcm")
    run("gdcmconv", "--raw", exported(source, tmp_path, "jpeg2000-lossless"), tmp_path / "b.dcm")
    for name in ("a.dcm", "b.dcm"):
        assert np.array_equal(pixels_of(tmp_path / name)[0], pixels), name

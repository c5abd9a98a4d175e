"""The source's attributes survive in every encoding, byte for byte."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from tests.archive.conftest import Make
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.dicom_header import dataset_of, read_dicom_header
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError
from viewer.images.opening import read_header


def with_everything(path: Path) -> Path:
    """A file with private, nested, binary and oddly encoded attributes, before and after pixels."""
    write_dicom_file(path, ramp(24, 32, 12), bits_stored=12)
    dataset = pydicom.dcmread(path)
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = "Grün^Ärmel"
    block = dataset.private_block(0x0011, "NOBODY KNOWS", create=True)
    block.add_new(0x01, "DS", ["1.50", "02"])
    block.add_new(0x02, "UN", b"\x01\x02\x03\x04")
    block.add_new(0x03, "FD", 0.1)
    inner = Dataset()
    inner.CodeValue = "1"
    inner.add(DataElement(0x00091010, "SL", [-1, 70000]))
    item = Dataset()
    item.CodeMeaning = "außen"
    item.PurposeOfReferenceCodeSequence = [inner]
    item.PixelPaddingValue = 7
    dataset.ProcedureCodeSequence = [item]
    dataset.add_new(0x60003000, "OW", b"\x01\x02" * 48)
    dataset.add_new(0x60000010, "US", 24)
    dataset.SmallestImagePixelValue = 0
    dataset.FrameIncrementPointer = 0x00181063
    dataset.add_new(0x7FE10010, "LO", "AFTER")
    dataset.add_new(0x7FE11001, "LO", "after the pixels")
    dataset.DataSetTrailingPadding = b"\0" * 6
    dataset.save_as(path)
    return path


def plain(dataset: Dataset) -> dict[str, Any]:
    """All values but the pixels; private VRs apart, which implicit files do not know."""
    found: dict[str, Any] = {}
    for element in dataset:
        if element.keyword == "PixelData":
            continue
        value = element.value
        if element.VR == "SQ":
            value = [plain(item) for item in value]
        found[str(element.tag)] = (str(element.VR), value if element.VR == "SQ" else repr(value))
    return found


def transcode(path: Path, syntax: str) -> None:
    dataset = pydicom.dcmread(path)
    if syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.save_as(path)
        return
    dataset.file_meta.TransferSyntaxUID = syntax
    implicit = syntax == ImplicitVRLittleEndian
    little = syntax != ExplicitVRBigEndian
    if not little:
        for element in dataset:
            if element.VR == "OW":
                element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, implicit_vr=implicit, little_endian=little)
    path.write_bytes(out.getvalue())


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, RLELossless, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_every_attribute_survives_every_syntax(tmp_path: Path, coded: Make, syntax: str) -> None:
    source = with_everything(tmp_path / "in.dcm")
    expected = plain(pydicom.dcmread(source))
    transcode(source, syntax)
    (restored,) = restore(write_archive(tmp_path / "a.radz", [coded(source)]), tmp_path / "out")
    back = pydicom.dcmread(restored)
    assert plain(back) == expected
    assert np.array_equal(back.pixel_array, ramp(24, 32, 12))
    assert back.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_implicit_files_keep_every_value(tmp_path: Path, coded: Make) -> None:
    source = with_everything(tmp_path / "in.dcm")
    transcode(source, ImplicitVRLittleEndian)
    expected = plain(pydicom.dcmread(source))
    (restored,) = restore(write_archive(tmp_path / "a.radz", [coded(source)]), tmp_path / "out")
    back = pydicom.dcmread(restored)
    assert plain(back) == expected
    assert back[0x0011, 0x1002].value == b"\x01\x02\x03\x04"
    assert back[0x0011, 0x1001].VR == "UN"
    assert str(back.PatientName) == "Grün^Ärmel"
    assert np.array_equal(back.pixel_array, ramp(24, 32, 12))


def test_values_that_break_the_rules_keep_their_bytes(tmp_path: Path, coded: Make) -> None:
    odd = {
        0x00100010: (b"M\xfcller^\xc4rmel ", "PN"),  # Latin-1 without saying so
        0x00200011: (b"12.5", "IS"),
        0x00281050: (b"1.23456789012345678901234567890 ", "DS"),
        0x00080020: (b"soon", "DA"),
    }
    source = write_dicom_file(tmp_path / "in.dcm", ramp(24, 32, 12), bits_stored=12)
    transcode(source, ImplicitVRLittleEndian)
    dataset = pydicom.dcmread(source)
    for tag, (value, _) in odd.items():
        tagged = pydicom.tag.Tag(tag)
        dataset._dict[tagged] = pydicom.dataelem.RawDataElement(
            tagged, None, len(value), value, 0, True, True
        )
    dataset.save_as(source)
    (restored,) = restore(
        write_archive(tmp_path / "a.radz", [coded(source, "fake-lossy")]), tmp_path / "out"
    )
    back = pydicom.dcmread(restored)
    for tag, (value, vr) in odd.items():
        raw = back.get_item(tag)
        assert raw is not None
        assert (raw.value, raw.VR) == (value, vr)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless])
def test_the_header_is_the_file_without_its_pixel_data(tmp_path: Path, syntax: str) -> None:
    source = with_everything(tmp_path / "in.dcm")
    transcode(source, syntax)
    data = source.read_bytes()
    header = read_dicom_header(source)
    at = header.cut_at
    assert header.verbatim
    removed = len(data) - len(header.data)
    assert header.data == data[:at] + data[at + removed :]
    assert data[at : at + 4] == b"\xe0\x7f\x10\x00"
    assert pydicom.dcmread(io.BytesIO(header.data))[0x7FE1, 0x1001].value


def test_files_without_preamble_or_meta_become_part_10(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", ramp(24, 32, 12), bits_stored=12)
    data = source.read_bytes()
    length = int.from_bytes(data[140:144], "little")
    for start in (132, 144 + length):
        source.write_bytes(data[start:])
        header = read_dicom_header(source)
        assert not header.verbatim
        kept = pydicom.dcmread(io.BytesIO(header.data))
        assert kept.PatientID == "T1"
        assert kept.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        archive = write_archive(tmp_path / f"{start}.radz", [coded(source)])
        (restored,) = restore(archive, tmp_path / str(start))
        assert np.array_equal(pydicom.dcmread(restored).pixel_array, ramp(24, 32, 12))


def test_rubbish_after_the_pixels_does_not_stop_a_restore(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", ramp(24, 32, 12), bits_stored=12)
    with source.open("ab") as stream:
        stream.write(b"\xff\xffrubbish that is no attribute at all" * 3)
    image = coded(source)
    assert b"rubbish" in image.members.dicom_header()
    (restored,) = restore(write_archive(tmp_path / "a.radz", [image]), tmp_path / "out")
    assert pydicom.dcmread(restored).PatientID == "T1"


def test_encapsulated_pixels_without_an_end_are_cut_out_whole(tmp_path: Path) -> None:
    frame = ramp(24, 32, 8).tobytes()
    source = write_dicom_file(
        tmp_path / "in.dcm", ramp(24, 32, 8), transfer_syntax="1.2.840.10008.1.2.1.98",
        pixel_data=encapsulate([frame]),
    )  # fmt: skip
    assert read_header(source).rows == 24
    whole = read_dicom_header(source).data
    assert frame not in whole
    data = source.read_bytes()
    source.write_bytes(data[:-8])  # the sequence delimiter
    assert read_dicom_header(source).data == whole


def test_extended_offset_tables_do_not_outlive_encapsulation(tmp_path: Path, coded: Make) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", ramp(24, 32, 8))
    dataset = pydicom.dcmread(source)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.ExtendedOffsetTable = b"\0" * 8
    dataset.ExtendedOffsetTableLengths = b"\x10" + b"\0" * 7
    dataset.save_as(source)
    (restored,) = restore(write_archive(tmp_path / "a.radz", [coded(source)]), tmp_path / "out")
    back = pydicom.dcmread(restored)
    assert "ExtendedOffsetTable" not in back
    assert "ExtendedOffsetTableLengths" not in back


def test_a_header_that_is_none_is_refused() -> None:
    with pytest.raises(ArchiveError, match="cannot be read"):
        dataset_of(b"\x02\x00\x10\x00UI\xff\xff", 8)


def test_what_follows_large_deflated_pixels_is_kept(tmp_path: Path) -> None:
    source = with_everything(tmp_path / "in.dcm")
    dataset = pydicom.dcmread(source)
    dataset.Rows, dataset.Columns = 1000, 1500
    dataset.PixelData = ramp(1000, 1500, 12).tobytes()
    dataset.save_as(source)
    transcode(source, DeflatedExplicitVRLittleEndian)
    header = read_dicom_header(source)
    assert not header.verbatim
    assert len(header.data) < 4000
    assert dataset_of(header.data, header.cut_at)[0x7FE1, 0x1001].value == "after the pixels"


def test_overlays_among_the_pixels_are_said_to_be_lost(tmp_path: Path, coded: Make) -> None:
    source = with_everything(tmp_path / "in.dcm")
    assert coded(source).coding.notice == ""  # its overlay is an attribute of its own
    dataset = pydicom.dcmread(source)
    dataset.add_new(0x60020010, "US", 24)
    dataset.add_new(0x60020100, "US", 16)
    dataset.add_new(0x60020102, "US", 12)
    dataset.save_as(source)
    assert "overlay in unused bits" in coded(source).coding.notice


@pytest.mark.parametrize(
    "attributes",
    [
        b"\x08\x00\x05\x00CS\x00\x00" * 400_000,
        b"\x08\x00\x15\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 20_000,
        b"\x08\x00\x05\x00UT\x00\x00\xf0\xff\xff\xff",
    ],
    ids=["endless", "nested", "huge value"],
)
@pytest.mark.parametrize("behind", [False, True])
def test_hostile_headers_end_soon(tmp_path: Path, attributes: bytes, behind: bool) -> None:
    source = write_dicom_file(tmp_path / "in.dcm", ramp(24, 32, 12), bits_stored=12)
    kept = read_dicom_header(source)
    if behind:
        assert dataset_of(kept.data + attributes, kept.cut_at).PatientID == "T1"
        return
    with contextlib.suppress(ArchiveError):
        dataset_of(kept.data[:400] + attributes, 400 + len(attributes))

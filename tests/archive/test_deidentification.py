"""De-identified: nothing of the person or the place is left, and references still hold."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag

from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.burned_in import burned_in_warning
from viewer.archive.compressing import compress
from viewer.archive.deidentification import deidentify, new_uid, profile
from viewer.archive.explicit_vr import make_explicit
from viewer.archive.exporting import export
from viewer.archive.keep import Keep
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.codecs.base import Target
from viewer.errors import ArchiveError
from viewer.images.opening import read_frame, read_header

SECRET = "Quixote"
LOSSY = Target("ratio", 4)


def item(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A radiograph with the secret in every kind of place."""
    deeper = item(
        PersonName=SECRET, ReferencedSOPInstanceUID="1.2.3.9", TextValue=f"seen by {SECRET}"
    )
    path = write_dicom_file(
        tmp_path / f"{SECRET}.dcm",
        ramp(24, 32, 12) | np.uint16(0xF000),
        bits_stored=12,
        PatientName=f"{SECRET}^Don",
        PatientID=f"{SECRET}-7",
        PatientBirthDate="16050116",
        PatientSex="M",
        PatientAge="050Y",
        PatientComments=SECRET,
        OtherPatientIDsSequence=[item(PatientID=SECRET)],
        ReferringPhysicianName=SECRET,
        InstitutionName=f"Hospital {SECRET}",
        InstitutionAddress=SECRET,
        OperatorsName=[SECRET, SECRET],
        StationName=SECRET,
        StudyDescription=f"{SECRET} chest",
        SeriesDescription=SECRET,
        ProtocolName=SECRET,
        StudyDate="16050116",
        SeriesDate="16050116",
        AcquisitionDate="16050116",
        StudyTime="101010",
        AccessionNumber=SECRET,
        StudyID=SECRET,
        DeviceSerialNumber=SECRET,
        ImageComments=SECRET,
        StudyInstanceUID="1.2.3.1",
        SeriesInstanceUID="1.2.3.2",
        SOPInstanceUID="1.2.3.3",
        FrameOfReferenceUID="1.2.3.4",
        SourceImageSequence=[
            item(ReferencedSOPClassUID="1.2.840.1", ReferencedSOPInstanceUID="1.2.3.3")
        ],
        RequestAttributesSequence=[item(RequestedProcedureDescription=SECRET)],
        AnatomicRegionSequence=[
            item(CodeValue="51185008", CodingSchemeDesignator="SCT", CodeMeaning="Chest")
        ],
        ContentSequence=[deeper],
        WindowCenter=2000,
        WindowWidth=4000,
        BodyPartExamined="CHEST",
    )  # fmt: skip
    dataset = pydicom.dcmread(path)
    dataset.file_meta.SourceApplicationEntityTitle = SECRET
    dataset.private_block(0x0011, f"{SECRET} INC", create=True).add_new(1, "LO", SECRET)
    dataset.add_new(0x60003000, "OW", SECRET.encode() + b"\0")
    dataset.add_new(0x50003000, "OW", SECRET.encode() + b"\0")
    dataset.add_new(0x00081013, "LO", SECRET)  # in no dictionary
    dataset.save_as(path)
    with path.open("ab") as stream:
        stream.write(b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0" + SECRET.encode() + b"\0")
    return path


def whole_of(archive: Path) -> bytes:
    return archive.read_bytes()


def assert_clean(data: bytes) -> None:
    for secret in (SECRET, SECRET.upper(), "16050116", "1.2.3.1", "1.2.3.3", "050Y"):
        place = data.find(secret.encode())
        assert place < 0, data[max(place - 60, 0) : place + 60]


def test_the_profile_has_what_the_standard_lists() -> None:
    table = profile()
    assert len(table) > 600
    assert table[0x00100010] == "empty"
    assert table[0x00100020] == "dummy"
    assert table[0x0020000D] == "uid"
    assert table[0x00081030] == "remove"
    assert table[0x00081155] == "uid"
    assert 0x00280010 not in table


def test_an_archive_holds_nothing_of_the_person(tmp_path: Path, source: Path) -> None:
    summary = compress(
        [source], tmp_path / "a.radz", codec_name="fake-lossy", target=LOSSY, deidentified=True
    )
    assert_clean(whole_of(summary.path))
    assert verify(summary.path).ok
    with zipfile.ZipFile(summary.path) as names:
        assert hashlib.sha256(source.read_bytes()).hexdigest() not in (
            names.read("manifest.json").decode()
        )
    (restored,) = restore(summary.path, tmp_path / "out")
    assert restored.name == "image-0001.dcm"
    assert_clean(restored.read_bytes())
    assert any("text is burned" in notice for notice in summary.notices)


def test_what_serves_the_image_stays_and_references_hold(tmp_path: Path, source: Path) -> None:
    result = export([source], tmp_path / "out", deidentified=True)
    after = pydicom.dcmread(result.written[0])
    assert after.BodyPartExamined == "CHEST"
    assert (after.WindowCenter, after.WindowWidth) == (2000, 4000)
    assert after.AnatomicRegionSequence[0].CodeMeaning == "Chest"
    assert after.SOPInstanceUID == new_uid("1.2.3.3")
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.SourceImageSequence[0].ReferencedSOPInstanceUID == after.SOPInstanceUID
    assert after.StudyInstanceUID == new_uid("1.2.3.1")
    assert after.PatientName == ""
    assert after.PatientID == "ANONYMIZED"
    assert after.PatientIdentityRemoved == "YES"
    assert after.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert not [element.tag for element in after if element.tag.is_private]
    assert np.array_equal(
        read_frame(read_header(result.written[0])).pixels, read_frame(read_header(source)).pixels
    )
    assert len(result.warnings) == 1


def test_the_same_instance_becomes_the_same_and_others_do_not(tmp_path: Path, source: Path) -> None:
    first = export([source], tmp_path / "one", deidentified=True).written[0]
    second = export([source], tmp_path / "two", deidentified=True).written[0]
    assert first.read_bytes() == second.read_bytes()
    assert new_uid("1.2.3") != new_uid("1.2.4")
    assert re.fullmatch(r"[0-9.]{1,64}", new_uid("1.2.3"))


def test_restoring_and_exporting_an_archive_can_deidentify(tmp_path: Path, source: Path) -> None:
    summary = compress(
        [source], tmp_path / "a.radz", codec_name="fake-lossy", target=LOSSY,
        keep=Keep(original=True),
    )  # fmt: skip
    warnings: list[str] = []
    (restored,) = restore(
        summary.path, tmp_path / "out", deidentified=True, on_warning=warnings.append
    )
    result = export([summary.path], tmp_path / "exported", syntax="jpeg-ls", deidentified=True)
    for path in (restored, *result.written):
        assert path.name == "image-0001.dcm"
        assert_clean(path.read_bytes())
        dataset = pydicom.dcmread(path)
        # The marks of the lossy step are put in after the rest was taken out.
        assert dataset.LossyImageCompression == "01"
        assert "FAKE_1" in dataset.DerivationDescription
    assert len(warnings) == len(result.warnings) == 1


def test_originals_are_never_kept_or_given_back_with_it(tmp_path: Path, source: Path) -> None:
    with pytest.raises(ArchiveError, match="whose image it is"):
        compress(
            [source], tmp_path / "a.radz", codec_name="fake-lossy", target=LOSSY,
            keep=Keep(original=True), deidentified=True,
        )  # fmt: skip
    with pytest.raises(ArchiveError, match="whose image it is"):
        restore(tmp_path / "a.radz", tmp_path / "out", original=True, deidentified=True)


def test_raster_files_lose_their_metadata_and_their_names(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / f"{SECRET}.jpg"
    exif = Image.Exif()
    exif[0x010E] = SECRET
    Image.fromarray(ramp(16, 20, 8)).save(path, exif=exif)
    assert SECRET.encode() in path.read_bytes()
    summary = compress(
        [path], tmp_path / "a.radz", codec_name="fake-lossy", target=LOSSY, deidentified=True
    )
    assert_clean(whole_of(summary.path))
    (restored,) = restore(summary.path, tmp_path / "out")
    assert_clean(restored.read_bytes())


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"BurnedInAnnotation": "YES"}, "text is burned into"),
        ({"BurnedInAnnotation": "NO"}, ""),
        ({"BurnedInAnnotation": "NO", "RecognizableVisualFeatures": "YES"}, "recognised"),
        ({}, "does not say whether"),
    ],
)
def test_text_in_pixels_is_warned_of(attributes: dict[str, str], expected: str) -> None:
    said = burned_in_warning(item(**attributes))
    assert expected in said
    assert bool(said) == bool(expected)


def test_sequences_in_unknown_vr_are_cleaned_inside() -> None:
    """As archives that do not know an attribute hand it on (PS3.5 6.2.2): UN, implicit inside."""
    value = struct.pack("<HHI", 0x0010, 0x0010, 8) + b"Quixote "
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value
    for content in (item, b"no sequence at all: Quixote "):
        dataset = Dataset()
        for keyword in ("RequestAttributesSequence", "AnatomicRegionSequence", "ViewCodeSequence"):
            tag = Tag(keyword)
            dataset._dict[tag] = RawDataElement(tag, "UN", len(content), content, 0, False, True)
        make_explicit(dataset)
        deidentify(dataset)
        stream = DicomBytesIO()
        write_dataset(stream, dataset)
        assert SECRET.encode() not in stream.getvalue()


def test_items_of_sequences_are_cleaned_as_deep_as_they_go() -> None:
    dataset = Dataset()
    place = dataset
    for _ in range(20):
        place.AnatomicRegionSequence = [item(InstitutionName=SECRET, CodeMeaning="Chest")]
        place = place.AnatomicRegionSequence[0]
    make_explicit(dataset)
    deidentify(dataset)
    assert SECRET not in str(dataset)
    assert str(dataset).count("Chest") == 20
    for _ in range(30):
        place.AnatomicRegionSequence = [item(CodeMeaning="deeper")]
        place = place.AnatomicRegionSequence[0]
    with pytest.raises(ArchiveError, match="nested too deep"):
        deidentify(dataset)


def test_the_files_of_the_command_line_hold_no_identity_in_their_messages(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from viewer.cli.main import main

    archive = tmp_path / "a.radz"
    words = ["--codec", "jpeg2000", "--lossless", "--deidentify"]
    assert main(["--log", "debug", "compress", str(source), "-o", str(archive), *words]) == 0
    output = capsys.readouterr()
    said = (output.out + output.err).replace(str(tmp_path), "")
    assert SECRET not in said
    assert_clean(whole_of(archive))


def test_temporary_copies_are_gone_afterwards(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    compress(
        [source], tmp_path / "a.radz", codec_name="fake-lossy", target=LOSSY, deidentified=True
    )
    assert list((tmp_path / "temporary").iterdir()) == []

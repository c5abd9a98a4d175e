"""A DICOMDIR opens what it lists, below its own folder alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import write_dicom_file
from viewer.images.library import scan

DIRECTORY = "1.2.840.10008.1.3.10"


def write_dicomdir(path, *files):
    records = []
    for parts in files:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = list(parts)
        records.append(record)
    write_dicom_file(path, PixelData=None)
    data = pydicom.dcmread(path)
    data.file_meta.MediaStorageSOPClassUID = DIRECTORY
    data.DirectoryRecordSequence = Sequence(records)
    data.save_as(path)
    return path


@pytest.fixture
def disc(tmp_path):
    folder = tmp_path / "disc"
    (folder / "IMAGES").mkdir(parents=True)
    for name in ("IM1", "IM2", "IM3"):
        write_dicom_file(folder / "IMAGES" / name)
    write_dicom_file(tmp_path / "SECRET")
    return folder


def test_what_is_listed_is_opened_and_nothing_else(disc):
    path = write_dicomdir(disc / "DICOMDIR", ("IMAGES", "IM1"), ("IMAGES", "IM3"))
    assert [each.path.name for each in scan([path]).headers] == ["IM1", "IM3"]
    assert len(scan([disc]).headers) == 3


def test_another_name_and_another_case_are_no_hindrance(disc):
    path = write_dicomdir(disc / "dicomdir.1", ("images", "im1"))
    assert [each.path.name for each in scan([path]).headers] == ["IM1"]


@pytest.mark.parametrize(
    "parts",
    [
        ("..", "SECRET"),
        ("IMAGES", "..", "..", "SECRET"),
        ("/etc", "passwd"),
        ("IMAGES/../../SECRET",),
    ],
)
def test_nothing_outside_the_folder_is_touched(disc, parts):
    library = scan([write_dicomdir(disc / "DICOMDIR", ("IMAGES", "IM1"), parts)])
    assert [each.path.name for each in library.headers] == ["IM1"]
    assert library.refusals == ()


def test_links_do_not_lead_outside(disc):
    (disc / "LINK").symlink_to(disc.parent / "SECRET")
    library = scan([write_dicomdir(disc / "DICOMDIR", ("IMAGES", "IM1"), ("LINK",))])
    assert [each.path.name for each in library.headers] == ["IM1"]


def test_a_missing_file_is_said(disc):
    library = scan([write_dicomdir(disc / "DICOMDIR", ("IMAGES", "IM9"), ("IMAGES", "IM1"))])
    assert [each.reason for each in library.refusals] == ["IM9: there is no such file."]
    assert len(library.headers) == 1


@pytest.mark.parametrize("content", [b"", b"junk" * 300, bytes(128) + b"DICM"])
def test_a_damaged_one_stands_for_its_folder(disc, content):
    (disc / "DICOMDIR").write_bytes(content)
    assert len(scan([disc / "DICOMDIR"]).headers) == 3


@pytest.mark.parametrize(
    "name",
    ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-nooffset", "DICOMDIR-reordered"],
)
def test_those_of_pydicom_open_all_they_list(name):
    spec = find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "test_files" / "dicomdirtests"
    library = scan([folder / name])
    assert len(library.headers) == 31
    assert library.refusals == ()

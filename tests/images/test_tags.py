from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import write_dicom_file
from viewer.errors import ImageError
from viewer.images.opening import read_header
from viewer.images.tags import Tag, read_tags


def by_keyword(tags):
    return {tag.keyword: tag for tag in tags if tag.keyword}


def test_attributes_are_listed_in_order_with_names(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", WindowCenter=["1", "2"])
    tags = read_tags(path)
    found = by_keyword(tags)
    assert found["PatientName"] == Tag(
        "(0010,0010)", "PatientName", "Patient's Name", "PN", "Test^Chest"
    )
    assert found["WindowCenter"].value == r"1\2"
    assert found["TransferSyntaxUID"].value == "1.2.840.10008.1.2.1"
    assert found["PixelData"].value == "1536 bytes"
    private = [tag for tag in tags if tag.tag == "(0099,1001)"]
    assert private[0].value == "kept by every archive"
    numbers = [tag.tag for tag in tags]
    assert numbers == sorted(numbers)


def test_sequences_are_nested(tmp_path):
    inner = Dataset()
    inner.CodeValue = "T-D3000"
    path = write_dicom_file(tmp_path / "x.dcm", AnatomicRegionSequence=Sequence([inner]))
    tags = read_tags(path)
    at = next(i for i, tag in enumerate(tags) if tag.keyword == "AnatomicRegionSequence")
    assert [(tag.name, tag.depth) for tag in tags[at : at + 3]] == [
        ("Anatomic Region Sequence", 0),
        ("Item 1", 1),
        ("Code Value", 2),
    ]


def test_long_values_are_shortened(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", ImageComments="x" * 5000)
    assert len(by_keyword(read_tags(path))["ImageComments"].value) <= 512


def test_a_file_that_is_refused_still_shows_its_tags(tmp_path, pydicom_data):
    raw = (pydicom_data / "693_J2KR.dcm").read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(raw[:1500])
    assert "Modality" in by_keyword(read_tags(path))


def test_raster_files_show_what_is_known(tmp_path):
    from PIL import Image

    Image.new("L", (7, 5)).save(tmp_path / "x.png")
    tags = {tag.name: tag.value for tag in read_tags(tmp_path / "x.png")}
    assert (tags["File format"], tags["Rows"], tags["Columns"]) == ("PNG", "5", "7")


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "x.txt").write_text("no")
    with pytest.raises(ImageError, match=r"x\.txt"):
        read_tags(tmp_path / "x.txt")


def test_a_damaged_header_is_listed_as_far_as_it_can_be_read(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    # An element whose length cannot be, behind the patient's name.
    at = raw.index(b"\x20\0\x0d\0UI")
    path.write_bytes(raw[:at] + b"\x20\0\x0d\0SQ\0\0\xff\xff\xff\xff" + b"\xee" * 40)
    with pytest.raises(ImageError):
        read_header(path)
    tags = read_tags(path)
    assert any(tag.value == "Test^Chest" for tag in tags)
    assert tags[-1].name == "Notice"
    assert "damaged" in tags[-1].value


def test_endless_empty_elements_are_listed_within_bounds(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.index(b"\x28\0\x02\0US")
    path.write_bytes(raw[:at] + b"\x09\0\x01\0LO\0\0" * 400_000)
    assert len(read_tags(path)) <= 20_001

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.dicom_files import ramp, write_dicom_file
from viewer.errors import Cancelled
from viewer.images.library import Library, Refusal, is_archive, natural_key, scan
from viewer.images.opening import read_header
from viewer.progress import CancelToken


def dicom(folder, name, **attributes):
    folder.mkdir(parents=True, exist_ok=True)
    identity = {
        "PatientID": "P1",
        "PatientName": "Doe^Jane",
        "StudyInstanceUID": "1.2.1",
        "SeriesInstanceUID": "1.2.1.1",
    }
    return write_dicom_file(folder / name, ramp(8, 8, 8), **(identity | attributes))


@pytest.fixture
def mixed(tmp_path):
    """A folder as people have them: two studies, pictures, text, hidden files, damage."""
    dicom(tmp_path / "a", "IM10", InstanceNumber=10)
    dicom(tmp_path / "a", "IM2", InstanceNumber=2)
    dicom(tmp_path / "a", "IM1", InstanceNumber=1, SeriesInstanceUID="1.2.1.2", SeriesNumber=9)
    dicom(tmp_path / "a" / "deep", "x", StudyInstanceUID="1.2.2", StudyDate="20200101")
    dicom(tmp_path / "b", "other.dcm", PatientID="P2", PatientName="Adams^Ada")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "scan10.png")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "scan9.png")
    (tmp_path / "readme.txt").write_text("findings\n" * 50)
    (tmp_path / "labels.csv").write_text("file,view\n" * 50)
    (tmp_path / ".hidden.dcm").write_bytes(b"junk")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "x.dcm").write_bytes(b"junk")
    (tmp_path / "broken.dcm").write_bytes(b"junk" * 100)
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "study.radz").write_bytes(b"PK")
    return tmp_path


def test_a_mixed_folder_becomes_a_tree(mixed):
    library = scan([mixed])
    assert [each.path.name for each in library.refusals] == ["broken.dcm"]
    assert [each.name for each in library.patients] == ["Adams, Ada", "Doe, Jane", ""]
    jane = library.patients[1]
    assert (jane.patient_id, len(jane.studies)) == ("P1", 2)
    assert [study.date for study in jane.studies] == ["20200101", "20260102"]
    series = jane.studies[1].series
    assert [(each.uid, each.number) for each in series] == [("1.2.1.1", "1"), ("1.2.1.2", "9")]
    assert [each.label for each in series[0].instances] == ["2", "10"]
    pictures = library.patients[2].studies[0].series[0]
    assert [each.label for each in pictures.instances] == ["scan9.png", "scan10.png"]
    assert pictures.description == mixed.name
    assert len(library.headers) == 7


def test_headers_and_refusals_are_handed_out_as_they_come(mixed):
    found, refused, archives, reported = [], [], [], []
    library = scan(
        [mixed],
        on_found=found.append,
        on_refused=refused.append,
        on_archive=archives.append,
        progress=lambda fraction, text: reported.append(fraction),
    )
    assert {each.path for each in found} == {each.path for each in library.headers}
    assert [each.path.name for each in refused] == ["broken.dcm"]
    assert refused[0].reason.startswith("broken.dcm: ")
    assert [each.name for each in archives] == ["study.radz"]
    assert reported == sorted(reported)
    assert reported[-1] == 1.0


def test_what_is_named_is_never_passed_over(mixed):
    named = [mixed / name for name in ("readme.txt", ".hidden.dcm", "study.radz", "gone.dcm")]
    assert [each.path for each in scan(named).refusals] == named


def test_a_dicomdir_stands_for_its_folder(mixed):
    assert len(scan([mixed / "DICOMDIR"]).headers) == 7


def test_a_file_named_twice_is_read_once(mixed):
    found = []
    scan([mixed / "a", mixed / "a" / "IM2", mixed], on_found=found.append)
    assert len(found) == 7


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_loops_of_links_end(mixed):
    (mixed / "a" / "again").symlink_to(mixed, target_is_directory=True)
    (mixed / "dangling.dcm").symlink_to(mixed / "nowhere")
    library = scan([mixed])
    assert len(library.headers) == 7
    assert {each.path.name for each in library.refusals} == {"broken.dcm", "dangling.dcm"}


def test_a_scan_can_be_stopped(mixed):
    cancel = CancelToken()
    found = []

    def stop(header):
        found.append(header)
        cancel.cancel()

    with pytest.raises(Cancelled):
        scan([mixed], on_found=stop, cancel=cancel)
    assert len(found) == 1


def test_an_empty_folder_and_no_paths(tmp_path):
    assert scan([tmp_path]).headers == ()
    assert scan([]).patients == ()


def test_a_library_replaces_forgets_and_clears(mixed):
    library = Library()
    path = mixed / "a" / "IM2"
    library.add(read_header(path))
    library.add(read_header(path))
    assert len(library.headers) == 1
    library.refuse(Refusal(path, "IM2: gone."))
    assert (library.headers, len(library.refusals)) == ((), 1)
    library.add(read_header(path))
    assert library.refusals == ()
    library.remove(path)
    assert library.patients == ()
    library.add(read_header(path))
    library.clear()
    assert library.patients == ()


def test_images_without_uids_are_grouped_by_folder(tmp_path):
    for name in ("a", "b"):
        dicom(tmp_path / name, "x.dcm", StudyInstanceUID=None, SeriesInstanceUID=None)
    studies = scan([tmp_path]).patients[0].studies
    assert len(studies) == 2


def test_archives_are_told_by_their_suffix():
    assert is_archive("x.radz")
    assert is_archive("X.RADZ")
    assert not is_archive("x.zip")


def test_natural_order():
    texts = ["10", "2", "", "1", "a10", "a9", "A1"]
    assert sorted(texts, key=natural_key) == ["1", "2", "10", "A1", "a9", "a10", ""]


@given(st.lists(st.text(), max_size=20))
def test_any_texts_can_be_ordered(texts):
    ordered = sorted(texts, key=natural_key)
    assert sorted(ordered) == sorted(texts)
    assert "" not in ordered[: len(ordered) - ordered.count("")]


def test_real_data_is_listed_fast(shared_data):
    import time

    begin = time.perf_counter()
    library = scan([shared_data / "chest", shared_data / "dicom"])
    seconds = time.perf_counter() - begin
    assert len(library.headers) == 361
    assert library.refusals == ()
    assert seconds < 3

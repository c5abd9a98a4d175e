"""Studies inside ZIP files: opened within bounds, nothing written elsewhere."""

from __future__ import annotations

import os
import time
import zipfile

import numpy as np
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.errors import Cancelled
from viewer.images.library import scan
from viewer.images.opening import read_frame
from viewer.progress import CancelToken


@pytest.fixture
def image(tmp_path):
    return write_dicom_file(tmp_path / "IM1", ramp(20, 30, 12), bits_stored=12)


def zipped(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_images_are_found_whatever_they_are_called(tmp_path, image, method):
    raw = image.read_bytes()
    members = {
        "DICOM/A/IM1": raw,
        "DICOM/A/IM2": raw,
        "DICOMDIR": b"DICM",
        "__MACOSX/._IM1": raw,
        "read me.txt": b"Viewer: start autorun.exe",
    }
    library = scan([zipped(tmp_path / "study.zip", members, method)])
    assert [each.path.name for each in library.headers] == ["IM1", "IM2"]
    assert library.refusals == ()
    assert np.array_equal(read_frame(library.headers[0]).pixels, ramp(20, 30, 12))
    # Opened again, it is not unpacked again.
    again = scan([tmp_path / "study.zip"])
    assert [each.path for each in again.headers] == [each.path for each in library.headers]


def test_a_zip_in_a_folder_is_opened_and_one_without_images_said_when_named(tmp_path, image):
    zipped(tmp_path / "study.zip", {"x": image.read_bytes()})
    empty = zipped(tmp_path / "texts.zip", {"x.txt": b"nothing"})
    library = scan([tmp_path])
    assert len(library.headers) == 2
    assert library.refusals == ()
    assert [each.reason for each in scan([empty]).refusals] == [
        "texts.zip: there is no image in it."
    ]


@pytest.mark.parametrize(
    "name", ["../../out.dcm", "/etc/out.dcm", "..\\..\\out.dcm", "C:\\out.dcm", "a/../../out.dcm"]
)
def test_no_name_leads_outside(tmp_path, image, name):
    library = scan([zipped(tmp_path / "evil.zip", {name: image.read_bytes()})])
    (header,) = library.headers
    assert any(part.startswith("radview-") for part in header.path.parts)
    assert ".." not in header.path.parts
    assert not (tmp_path.parent / "out.dcm").exists()


def test_bombs_are_refused_before_they_fill_the_disk(tmp_path, image):
    bomb = image.read_bytes() + bytes(200 << 20)
    path = zipped(tmp_path / "bomb.zip", {"IM1": bomb})
    assert path.stat().st_size < 1 << 20
    begun = time.perf_counter()
    library = scan([path])
    assert time.perf_counter() - begun < 3
    assert [each.reason for each in library.refusals] == [
        "bomb.zip: it would unpack to more than an archive of images can."
    ]


def test_damaged_nested_and_encrypted_members_are_named(tmp_path, image):
    raw = image.read_bytes()
    inner = zipped(tmp_path / "inner.zip", {"x": raw}).read_bytes()
    path = zipped(tmp_path / "x.zip", {"inner.zip": inner, "IM1": raw, "IM2": raw})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        damaged = archive.getinfo("IM1").header_offset + 60
    data[damaged : damaged + 40] = os.urandom(40)
    path.write_bytes(data)
    library = scan([path])
    assert [each.path.name for each in library.headers] == ["IM2"]
    reasons = [each.reason for each in library.refusals]
    assert any("inside a ZIP archive" in each for each in reasons)
    assert any("IM1 is damaged" in each for each in reasons)
    second = bytearray(zipped(tmp_path / "secret.zip", {"IM1": raw}).read_bytes())
    second[6] |= 1
    second[second.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "secret.zip").write_bytes(second)
    assert "is encrypted" in scan([tmp_path / "secret.zip"]).refusals[0].reason


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_cut_archive_is_refused(tmp_path, image, kept):
    path = zipped(tmp_path / "x.zip", {"IM1": image.read_bytes()})
    raw = path.read_bytes()
    path.write_bytes(raw[: max(4, int(len(raw) * kept))])
    assert [each.reason for each in scan([path]).refusals] == [
        "x.zip: it is a damaged ZIP archive."
    ]


def test_unpacking_can_be_stopped(tmp_path, image):
    cancel = CancelToken()
    path = zipped(tmp_path / "x.zip", {f"IM{n}": image.read_bytes() for n in range(9)})
    with pytest.raises(Cancelled):
        scan([path], on_found=lambda _: cancel.cancel(), cancel=cancel)

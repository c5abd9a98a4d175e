"""Archives made to harm: one sentence, no memory, nothing written outside."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archive.conftest import Make
from tests.archive.forging import Change, image, put, rebuilt
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError


def test_a_copy_with_nothing_changed_is_whole(archive: Path, tmp_path: Path) -> None:
    assert verify(rebuilt(archive, tmp_path / "copy.radz", lambda manifest: None)).ok


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("version", 2), "version 2; this program reads version 1"),
        (put("format", "zip"), "not of the format radz"),
        (put("images", []), "not numbered from 1"),
        (put("images", {}), "'images'"),
        (put("images", 0, "number", 2), "foreign name"),
        (put("images", 0, "number", -1), "'number'"),
        (put("images", 0, "header", "rows", 2**40), "'rows'"),
        (put("images", 0, "header", "rows", "24"), "'rows'"),
        (put("images", 0, "header", "rows", True), "'rows'"),
        (put("images", 0, "header", "rows", 24.0), "'rows'"),
        (put("images", 0, "header", "frames", 99999), "1 payloads for 99999 frames"),
        (put("images", 0, "header", "bits_stored", 0), "'bits_stored'"),
        (put("images", 0, "header", "aspect", 0), "'aspect'"),
        (put("images", 0, "header", "grey", "slope", 10**400), "'slope'"),
        (put("images", 0, "header", "grey", "windows", [{}]), "'function'"),
        (put("images", 0, "header", "identity", "patient_name", ["x"]), "'patient_name'"),
        (put("images", 0, "header", "identity", None), "not a JSON object"),
        (put("images", 0, "frames", []), "0 payloads"),
        (put("images", 0, "frames", 0, "payload", "sha256", "0" * 63), "SHA-256"),
        (put("images", 0, "frames", 0, "payload", "bytes", 2**60), "'bytes'"),
        (put("images", 0, "frames", 0, "payload", "member", "../../etc/passwd"), "foreign name"),
        (put("images", 0, "frames", 0, "payload", "member", "/etc/passwd"), "foreign name"),
        (put("images", 0, "frames", 0, "payload", "member", "headers/0001.dcm"), "foreign name"),
        (put("images", 0, "codec", "target", "kind", "pickle"), "no known kind"),
        (put("images", 0, "codec", "dicom_method", "x" * 17), "'dicom_method'"),
        (put("members", 0, "offset", -1), "'offset'"),
        (put("members", 0, "member", "images/0001/frame-0000.bin"), "stands twice"),
        (put("members", "all"), "'members'"),
    ],
)
def test_a_forged_manifest_is_refused_in_one_sentence(
    archive: Path, tmp_path: Path, change: Change, sentence: str
) -> None:
    forged = rebuilt(archive, tmp_path / "forged.radz", change)
    with pytest.raises(ArchiveError) as raised:
        read_archive(forged)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(ArchiveError):
        verify(forged)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[]",
        b"null",
        b"",
        b"\xff\xfe{}",
        b'{"format":"radz","format":"radz"}',
        b'{"version":NaN}',
        b'{"version":' + b"9" * 5000 + b"}",
        b'{"format":"radz","version":1,"members":[' + b"[]," * 3_100_000 + b"[]]}",
    ],
    ids=["deep list", "deep object", "list", "null", "empty", "utf-16", "twice", "nan", "long",
         "many"],
)  # fmt: skip
def test_hostile_json_is_refused_in_one_sentence(archive: Path, tmp_path: Path, raw: bytes) -> None:
    forged = rebuilt(archive, tmp_path / "forged.radz", lambda manifest: None, raw)
    with pytest.raises(ArchiveError, match="not valid"):
        read_archive(forged)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("members", 0, "offset", 2**50), "damaged"),
        (put("members", 1, "bytes", 3), "damaged"),
        (put("members", []), "missing"),
    ],
)
def test_places_that_do_not_fit_the_file_are_damage(
    archive: Path, tmp_path: Path, change: Change, sentence: str
) -> None:
    def both(manifest: dict[str, Any]) -> None:
        change(manifest)
        if not manifest["members"]:
            manifest["members"] = [{"member": "headers/0009.dcm", "offset": 0, "bytes": 0,
                                    "sha256": "0" * 64}] * 1  # fmt: skip
            manifest["images"] = manifest["images"][:1]

    result = verify(rebuilt(archive, tmp_path / "forged.radz", both))
    assert not result.ok
    assert sentence in " ".join((*result.problems, *(i.sentence for i in result.images)))


def test_a_forged_geometry_allocates_nothing(archive: Path, tmp_path: Path) -> None:
    def huge(manifest: dict[str, Any]) -> None:
        image(manifest)["header"].update(rows=30000, columns=30000)

    forged = rebuilt(archive, tmp_path / "forged.radz", huge)
    tracemalloc.start()
    result = verify(forged)
    with pytest.raises(ArchiveError, match="cannot hold"):
        restore(forged, tmp_path / "out")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "another geometry" in result.images[0].sentence
    assert peak < 50e6


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, dicom: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as names:
        names.writestr("letter.txt", "hello")
    empty = tmp_path / "empty.radz"
    empty.touch()
    for path in (other, empty, dicom):
        for function in (read_archive, verify):
            with pytest.raises(ArchiveError, match="no study archive"):
                function(path)
    with pytest.raises(ArchiveError, match="cannot be read: no such file"):
        read_archive(tmp_path / "none.radz")
    with pytest.raises(ArchiveError, match="cannot be read: is a directory"):
        verify(tmp_path)


def as_symlink(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def renamed(info: zipfile.ZipInfo) -> None:
    info.filename = info.filename.replace("headers/0001.dcm", "../../../../0001.dcm")


def doubled(info: zipfile.ZipInfo) -> None:
    info.filename = info.filename.replace("thumbnails/0002", "thumbnails/0001")


def compressed(info: zipfile.ZipInfo) -> None:
    if info.filename.startswith("headers"):
        info.compress_type = zipfile.ZIP_DEFLATED


def commented(info: zipfile.ZipInfo) -> None:
    info.comment = b"hello"


def dated(info: zipfile.ZipInfo) -> None:
    info.date_time = (2026, 1, 1, 0, 0, 0)


def extended(info: zipfile.ZipInfo) -> None:
    info.extra = b"\xfe\xca\0\0"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "entry", [as_symlink, renamed, doubled, compressed, commented, dated, extended]
)
def test_a_zip_that_tells_other_tools_something_else_is_found(
    archive: Path, tmp_path: Path, entry: Callable[[zipfile.ZipInfo], None]
) -> None:
    """The hashes fit, but the ZIP's own records are not those this program writes."""
    forged = rebuilt(archive, tmp_path / "forged.radz", lambda manifest: None, entry=entry)
    result = verify(forged, decode=False)
    assert not result.ok
    assert any("ZIP" in problem for problem in result.problems)


def test_a_directory_that_claims_gigabytes_is_not_read(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    end = data.rindex(b"PK\5\6")
    data[end + 12 : end + 16] = (0xFFFFFFF0).to_bytes(4, "little")
    archive.write_bytes(data)
    tracemalloc.start()
    result = verify(archive, decode=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not result.ok
    assert peak < 20e6


def test_a_file_of_nothing_but_signatures_ends_soon(tmp_path: Path) -> None:
    path = tmp_path / "bomb.radz"
    path.write_bytes(b"PK\3\4" * 500_000)
    with pytest.raises(ArchiveError, match="no study archive"):
        verify(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_garbled_archives_end_in_a_sentence_or_a_finding(
    data: st.DataObject, archive: Path, tmp_path: Path
) -> None:
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    garbled = tmp_path / "garbled.radz"
    garbled.write_bytes(content)
    try:
        result = verify(garbled)
    except ArchiveError:
        return
    assert result.ok == (bytes(content) == archive.read_bytes())


def test_too_many_members_are_refused(
    tmp_path: Path, raster: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.archive.container.MAX_MEMBERS", 10)
    with pytest.raises(ArchiveError, match="divide the study"):
        write_archive(tmp_path / "a.radz", [coded(raster)] * 6)
    assert not (tmp_path / "a.radz").exists()

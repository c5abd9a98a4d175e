"""Many studies: grouped, merged, resumed, and never lost."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.container import Container
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.journal import NAME, open_journal
from viewer.archive.many.settings import Settings
from viewer.archive.many.summary import ManySummary
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs.base import Target
from viewer.errors import ArchiveError, Cancelled
from viewer.images.opening import read_header
from viewer.progress import CancelToken

SETTINGS = Settings("fake-exact", Target("lossless"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for study in range(3):
        make_study(tmp_path / "in" / f"folder-{study}", study)
    return tmp_path / "in"


def archived(source: Path, out: Path, **keywords: Any) -> ManySummary:
    return archive_many([source], out, keywords.pop("settings", SETTINGS), **keywords)


def archives(out: Path) -> dict[str, tuple[int, int]]:
    """Name -> inode and time of each archive: both change when it is written again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.glob("*.radz")}


def names(out: Path) -> list[str]:
    return sorted(
        image.source.name for path in out.glob("*.radz") for image in read_archive(path).images
    )


def test_a_study_an_archive_named_after_nobody(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lines: list[str] = []
    summary = archived(source, out, progress=lambda fraction, text: lines.append(text))
    assert len(archives(out)) == 3
    assert all(verify(path).ok for path in out.glob("*.radz"))
    assert not any("erson" in name for name in archives(out))
    assert len(names(out)) == len(list(summary.rows)) == 6
    assert "3/3 studies" in lines[-2]
    assert "images/s" in lines[-2]
    assert "s left" in lines[-2]
    assert (out / NAME).stat().st_mode & 0o077 == 0


def test_a_second_run_does_nothing_again_but_what_changed(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    archived(source, out)
    before = archives(out)
    again = archived(source, out)
    assert archives(out) == before
    assert again.resumed == 3
    assert len(list(again.rows)) == 6
    # Another time but the same bytes is the same file.
    touched = source / "folder-0" / "s0-0.dcm"
    touched.touch()
    assert archived(source, out).resumed == 3
    # A further image of a study: that study alone.
    make_study(source / "folder-1", 1, images=3)
    grown = archived(source, out)
    assert grown.resumed == 2
    changed = {name for name, state in archives(out).items() if before[name] != state}
    assert len(changed) == 1
    assert len(names(out)) == 7
    # Other settings: all.
    other = Settings("fake-lossy", Target("ratio", 4))
    assert archived(source, out, settings=other).resumed == 0
    assert len(archives(out)) == 3


def test_what_an_archive_holds_is_not_lost_when_its_source_is_gone(
    source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    archived(source, out)
    (source / "folder-0" / "s0-0.dcm").unlink()
    assert archived(source, out).resumed == 3  # all that is there is archived
    make_study(source / "more", 0, images=1, SOPInstanceUID="1.2.826.1.77", Rows=24)
    shutil.rmtree(source / "folder-0")
    archived(source, out)
    assert len(archives(out)) == 4
    assert names(out).count("s0-0.dcm") == 2
    assert "s0-1.dcm" in names(out)


def test_a_disc_with_the_same_file_names_replaces_nothing(tmp_path: Path) -> None:
    disc, out = tmp_path / "disc", tmp_path / "out"
    make_study(disc, 0)
    archived(disc, out)
    first = names(out)
    shutil.rmtree(disc)
    for number, path in enumerate(make_study(disc, 5)):
        path.rename(disc / f"s0-{number}.dcm")
    for number in range(2):
        # the first study's UID with other instances, under the first disc's names
        path = make_study(disc, 9, 1, StudyInstanceUID="1.2.826.1", SOPInstanceUID=f"9.{number}")[0]
        path.rename(disc / f"s0-{number}.dcm")
    archived(disc, out)
    assert len(archives(out)) == 2
    assert len(names(out)) == len(first) + 2


def test_an_edited_file_replaces_its_older_self(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    archived(source, out)
    edited = make_study(source / "folder-2", 2, 1, BodyPartExamined="CHEST")[0]
    archived(source, out)
    assert len(archives(out)) == 3
    kept = [i.source for path in out.glob("*.radz") for i in read_archive(path).images]
    assert edited.stat().st_size in {each.size for each in kept if each.name == edited.name}


def test_a_study_in_two_folders_is_one(source: Path, tmp_path: Path) -> None:
    shutil.copytree(source / "folder-0", source / "copy")
    make_study(source / "other", 1, images=1, SeriesDescription="differs")
    out = tmp_path / "out"
    summary = archived(source, out)
    assert len(archives(out)) == 3
    # Identical ones once; one of the same UID but other bytes beside the first.
    assert len(names(out)) == 7
    said = "\n".join(summary.lines())
    assert said.count("the same file as") == 2
    assert "One SOP Instance UID, different files, all kept" in said
    assert archived(source, out).resumed == 3


def test_bad_files_are_reported_copied_and_stop_nothing(source: Path, tmp_path: Path) -> None:
    cut = source / "cut.dcm"
    cut.write_bytes((source / "folder-0" / "s0-0.dcm").read_bytes()[:700])
    make_study(source / "unlucky", 7, 1)
    from tests.dicom_files import ramp, write_dicom_file

    unlucky = write_dicom_file(
        source / "folder-0" / "unlucky.dcm", ramp(13, 32, 12), StudyInstanceUID="1.2.826.1"
    )
    out = tmp_path / "out"
    summary = archived(source, out)
    assert {Path(each.path).name for each in summary.bad} == {"cut.dcm", "unlucky.dcm"}
    assert len(names(out)) == 7
    assert not (out / "not-archived").exists()
    summary = archived(source, out, copy=True)
    assert summary.resumed == 4
    copies = {Path(each.path): Path(each.copy).read_bytes() for each in summary.bad}
    assert copies == {cut: cut.read_bytes(), unlucky: unlucky.read_bytes()}
    archived(source, out, copy=True)
    assert len(list((out / "not-archived").iterdir())) == 2


def test_archives_inside_the_sources_are_no_sources(source: Path) -> None:
    out = source / "archives"
    (source / "x.dcm").write_bytes((source / "folder-0" / "s0-0.dcm").read_bytes()[:700])
    archived(source, out, copy=True)
    again = archived(source, out, copy=True)
    assert (again.resumed, len(again.bad)) == (3, 1)


def test_a_full_disk_is_a_sentence_and_finished_studies_stand(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    add = Container.add
    room = 12

    def full(self: Container, name: str, data: bytes) -> Any:
        nonlocal room
        room -= 1
        if room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return add(self, name, data)

    with monkeypatch.context() as patched:
        patched.setattr(Container, "add", full)
        with pytest.raises(ArchiveError, match=r"the disk is full; 1 of 3 studies are finished"):
            archived(source, out)
    finished = archives(out)
    assert len(finished) == 1
    assert sorted(path.name for path in out.iterdir()) == sorted([NAME, *finished])
    assert archived(source, out).resumed == 1
    assert len(names(out)) == 6
    assert archives(out).items() >= finished.items()


def test_cancelling_inside_a_study_keeps_the_finished_ones(source: Path, tmp_path: Path) -> None:
    out, cancel = tmp_path / "out", CancelToken()

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.45:
            cancel.cancel()

    with pytest.raises(Cancelled):
        archived(source, out, progress=stop, cancel=cancel)
    assert len(archives(out)) == 1
    assert not list(out.glob("*.part"))
    assert archived(source, out).resumed == 1


def test_a_journal_cut_short_or_lost_costs_no_archive(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    archived(source, out)
    journal = out / NAME
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(
        lines[0] + b"garbage\n" + b'{"settings": "x", "study": {}}\n' + lines[2][:50]
    )
    assert archived(source, out).resumed == 1
    assert len(archives(out)) == 3
    assert archived(source, out).resumed == 3
    journal.unlink()
    assert archived(source, out).resumed == 0
    assert len(names(out)) == 6


def test_two_runs_do_not_share_a_folder(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with open_journal(out), pytest.raises(ArchiveError, match="Another process archives into"):
        archived(source, out)


def test_a_fault_nobody_thought_of_is_a_bad_file(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(path: Path) -> Any:
        if path.name == "s1-0.dcm":
            raise ZeroDivisionError("Person^1")
        return read_header(path)

    monkeypatch.setattr("viewer.archive.many.one_study.read_header", faulty)
    summary = archived(source, tmp_path / "out")
    assert [each.reason for each in summary.bad] == [
        "s1-0.dcm: coding failed unexpectedly (ZeroDivisionError)."
    ]
    assert len(names(tmp_path / "out")) == 5

"""Killed, cancelled or out of space at any point: the old file stands, nothing else is left."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.archive.conftest import Make
from viewer.archive import atomic
from viewer.archive.atomic import STALE_SECONDS, clear_stale, new_file
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError, Cancelled
from viewer.progress import CancelToken


class Failing:
    """A file whose n-th call of write, seek or flush fails."""

    def __init__(self, stream: IO[bytes], calls: Iterator[int], at: int, error: BaseException):
        self._stream, self._calls, self._at, self._error = stream, calls, at, error

    def _count(self) -> None:
        if next(self._calls) >= self._at:
            raise self._error

    def write(self, data: bytes) -> int:
        self._count()
        return self._stream.write(data)

    def flush(self) -> None:
        self._count()
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def count_from(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1


@pytest.mark.parametrize(
    ("error", "expected", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left"), ArchiveError, "the disk is full"),
        (OSError(errno.EIO, "Input/output error"), ArchiveError, "Input/output error"),
        (KeyboardInterrupt(), KeyboardInterrupt, ""),
    ],
)
def test_failing_at_any_write_leaves_the_old_file(
    tmp_path: Path,
    dicom: Path,
    raster: Path,
    coded: Make,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    expected: type[BaseException],
    sentence: str,
) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    target = write_archive(folder / "a.radz", [coded(raster)])
    before = target.read_bytes()
    images = [coded(dicom, "fake-lossy"), coded(raster)]
    open_temporary = atomic._open_temporary
    failed = 0
    for at in range(1000):
        calls = count_from(0)

        def failing(path: Path, at: int = at, calls: Iterator[int] = calls) -> Any:
            stream, name = open_temporary(path)
            return Failing(stream, calls, at, error), name

        monkeypatch.setattr(atomic, "_open_temporary", failing)
        try:
            write_archive(target, images)
        except expected as raised:
            failed += 1
            said = str(raised)
            assert sentence in said
            assert target.read_bytes() == before
            assert [path.name for path in folder.iterdir()] == ["a.radz"]
        else:
            break
    assert failed > 30
    monkeypatch.undo()
    assert target.read_bytes() != before


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_failing_to_sync_or_rename_leaves_the_old_file(
    tmp_path: Path, raster: Path, coded: Make, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    target = folder / "a.radz"
    target.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    image = coded(raster)
    monkeypatch.setattr(os, name, fail)
    with pytest.raises(ArchiveError, match="cannot be written"):
        write_archive(target, [image])
    assert target.read_bytes() == b"old"
    assert len(list(folder.iterdir())) == 1


def test_a_disk_that_alters_bytes_is_found_before_the_file_gets_its_name(
    tmp_path: Path, raster: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.archive.atomic import PendingFile

    sync = PendingFile.sync

    def meddle(self: PendingFile) -> None:
        sync(self)
        with self.path.open("r+b") as stream:
            stream.seek(300)
            value = stream.read(1)
            stream.seek(300)
            stream.write(bytes([value[0] ^ 1]))

    image = coded(raster)
    monkeypatch.setattr(PendingFile, "sync", meddle)
    with pytest.raises(ArchiveError, match="does not read back"):
        write_archive(tmp_path / "archives.radz", [image])
    assert not (tmp_path / "archives.radz").exists()


def test_cancelling_at_any_check_leaves_the_old_file(
    tmp_path: Path, dicom: Path, coded: Make
) -> None:
    class Countdown(CancelToken):
        def __init__(self, left: int) -> None:
            super().__init__()
            self.left = left

        def check(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    target = tmp_path / "a.radz"
    target.write_bytes(b"old")
    image = coded(dicom, "fake-lossy")
    stopped = 0
    for left in range(1000):
        try:
            write_archive(target, [image], cancel=Countdown(left))
        except Cancelled:
            stopped += 1
            assert target.read_bytes() == b"old"
            assert not list(tmp_path.glob(".radview-*"))
        else:
            break
    assert stopped >= 5
    assert verify(target).ok


_KILLED = """
import os, signal, sys
from pathlib import Path
from viewer.archive import atomic
from viewer.archive.container import Container

at = int(sys.argv[2])
calls = 0

def traced(name, function):
    def call(*arguments, **keywords):
        global calls
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        calls += 1
        return function(*arguments, **keywords)
    return call

for name in ("fsync", "replace", "posix_fadvise"):
    setattr(os, name, traced(name, getattr(os, name)))
open_temporary = atomic._open_temporary

class Traced:
    def __init__(self, stream):
        self._stream = stream
    def __getattr__(self, name):
        found = getattr(self._stream, name)
        return traced(name, found) if name in ("write", "seek", "flush") else found

def opened(folder):
    stream, name = open_temporary(folder)
    return Traced(stream), name

atomic._open_temporary = opened
with atomic.new_file(Path(sys.argv[1])) as pending:
    container = Container(pending.stream)
    container.add("images/0001/frame-0000.bin", b"x" * 5000)
    container.finish(container.add("manifest.json", b"{}"))
    pending.sync()
print("done", calls)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.radz"
    killed = 0
    for at in range(0, 100, 3):
        target.write_bytes(b"old")
        ran = subprocess.run(
            [sys.executable, "-c", _KILLED, str(target), str(at)], capture_output=True, check=False
        )
        if ran.returncode == 0:
            assert target.read_bytes() != b"old"
            break
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        killed += 1
        assert target.read_bytes() == b"old"
    assert killed >= 5


def test_what_killed_writers_leave_is_cleared_away_later(tmp_path: Path) -> None:
    for name in ("dead", "living", "young"):
        (tmp_path / f".radview-{name}.part").write_bytes(b"half")
    long_ago = time.time() - STALE_SECONDS - 60
    for name in ("dead", "living"):
        os.utime(tmp_path / f".radview-{name}.part", (long_ago, long_ago))
    with (tmp_path / ".radview-living.part").open("rb") as stream:
        atomic._lock(stream)
        clear_stale(tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".radview-living.part", ".radview-young.part"]


def test_a_read_only_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(atomic, "_open_temporary", refuse)
    sentence = r"a\.radz cannot be written: the folder may not be"
    with pytest.raises(ArchiveError, match=sentence), new_file(tmp_path / "a.radz"):
        pass


def test_missing_folders_and_folders_in_the_way_are_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ArchiveError, match="its folder is not there"),
        new_file(tmp_path / "none" / "a.radz"),
    ):
        pass
    (tmp_path / "a.radz").mkdir()
    with pytest.raises(ArchiveError, match="a folder of that name"), new_file(tmp_path / "a.radz"):
        pass


def test_a_taken_name_gets_a_number_even_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    made = []
    for links in (True, False, True):
        if not links:
            monkeypatch.setattr(os, "link", refuse)
        with new_file(tmp_path / "a.dcm", replace=False) as pending:
            pending.stream.write(b"new")
        made.append(pending.target.name)
        monkeypatch.undo()
    assert made == ["a.dcm", "a-2.dcm", "a-3.dcm"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(made)

"""Killed at any of hundreds of points: the old file stands or the new one is whole, never between.

A child process counts the calls it makes, in Python and below, and kills itself at one of them. It
is forked anew for every point, so that hundreds of points take seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive.conftest import LOSSLESS, Make
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.coding import code_image
from viewer.archive.container import file_sha256
from viewer.archive.keep import Keep
from viewer.archive.verification import verify
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError
from viewer.images.opening import read_header

_SCRIPT = """
import hashlib, json, os, shutil, signal, sys
from pathlib import Path
from viewer.codecs import registry
registry._FACTORIES["fake-exact"] = "tests.archive.fake_codecs:Exact"
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.archive.writing import write_archive

task, source, folder, points = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
images = read_archive(source).images
target = folder / "a.radz"


def work():
    if task == "write":
        write_archive(target, images)
    else:
        restore(source, folder, original=task == "original")


def run(at):
    '''Fork a child that kills itself at call `at`; return how it ended and its calls.'''
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            if event in ("call", "c_call"):
                if calls == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                calls += 1

        sys.setprofile(count)
        work()
        sys.setprofile(None)
        os.write(writing, str(calls).encode())
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 64)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return status, int(said or 0)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fresh():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if task == "write":
        target.write_bytes(b"the old archive")


fresh()
status, total = run(-1)
assert status == 0 and total > points, (status, total)
# Evenly over the whole work, and every call of the last ones, in which names are given.
chosen = sorted({total * n // points for n in range(points)} | set(range(total - 40, total)))
states = {}
killed = 0
for at in chosen:
    fresh()
    status, _ = run(at)
    killed += status != 0
    names = sorted(
        f"{path.name}:{digest(path)}" for path in folder.iterdir() if path.suffix != ".part"
    )
    states[" ".join(names)] = states.get(" ".join(names), 0) + 1
print(json.dumps({"killed": killed, "states": states}))
"""


def killed(task: str, source: Path, folder: Path, points: int) -> tuple[int, dict[str, int]]:
    """Return how often the work was killed, and how often which files were there afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, task, str(source), str(folder), str(points)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    return said["killed"], said["states"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An archive of two images with their originals."""
    images = []
    for number in range(2):
        path = write_dicom_file(
            tmp_path / f"in-{number}.dcm", ramp(20 + number, 24, 12), bits_stored=12
        )
        images.append(
            code_image(read_header(path), "fake-exact", LOSSLESS, keep=Keep(original=True))
        )
    return write_archive(tmp_path / "source.radz", images)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_writer_killed_at_hundreds_of_points_leaves_the_old_archive_or_a_whole_one(
    tmp_path: Path, source: Path
) -> None:
    import hashlib

    count, states = killed("write", source, tmp_path / "work", 220)
    assert count >= 250
    old = f"a.radz:{hashlib.sha256(b'the old archive').hexdigest()}"
    assert states.pop(old) > 200
    # All others are one whole archive, but for the second in which it was written.
    assert sum(states.values()) >= 1
    for state in states:
        assert state.startswith("a.radz:")
        assert " " not in state
    last = tmp_path / "work" / "a.radz"
    if last.read_bytes() != b"the old archive":
        assert verify(last).ok


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("task", ["restore", "original"])
def test_restoring_killed_at_any_point_leaves_whole_files_alone(
    tmp_path: Path, source: Path, task: str
) -> None:
    count, states = killed(task, source, tmp_path / "work", 60)
    assert count >= 90
    # Nothing, the first file whole, or both whole: whatever was reached, always the same bytes.
    seen = {name for state in states for name in state.split()}
    assert {name.split(":")[0] for name in seen} <= {"in-0.dcm", "in-1.dcm"}
    assert len(seen) == 2
    assert 2 <= len(states) <= 3


def test_a_source_that_changes_while_it_is_coded_is_found_by_its_bytes(
    tmp_path: Path, dicom: Path, coded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same size, same time, other bytes: only the hash can tell."""
    import os

    from tests.archive.fake_codecs import Exact

    before = dicom.stat()
    encode = Exact.encode

    def meddling(self: Exact, *arguments: object, **keywords: object) -> object:
        data = bytearray(dicom.read_bytes())
        data[-3] ^= 1
        dicom.write_bytes(data)
        os.utime(dicom, ns=(before.st_atime_ns, before.st_mtime_ns))
        return encode(self, *arguments, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(Exact, "encode", meddling)
    with pytest.raises(ArchiveError, match="changed while it was coded"):
        coded(dicom)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of file sizes")
def test_a_disk_that_takes_no_more_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, source: Path
) -> None:
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from viewer.archive.atomic import new_file\n"
        "from viewer.errors import ArchiveError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    with new_file(Path(sys.argv[1])) as pending:\n"
        "        pending.stream.write(bytes(100_000))\n"
        "except ArchiveError as error:\n"
        "    print(error)\n"
    )
    folder = tmp_path / "full"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "a.radz")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "a.radz cannot be written: the disk does not take files of that size." in done.stdout
    assert list(folder.iterdir()) == []


def test_the_hash_of_the_file_covers_all_but_itself(source: Path) -> None:
    with source.open("rb") as stream:
        size = source.stat().st_size
        assert file_sha256(stream, size).encode() == source.read_bytes()[-64:]

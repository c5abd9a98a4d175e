"""Hundreds of studies: killed at random moments, on a disk that fills up, found twice."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.journal import NAME
from viewer.archive.many.settings import Settings
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs.base import Target

pytestmark = pytest.mark.slow

STUDIES = 300

ROOT = Path(__file__).resolve().parents[3]

SETTINGS = Settings("fake-exact", Target("lossless"))


@pytest.fixture(scope="module")
def hundreds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hundreds")
    for study in range(STUDIES):
        make_study(folder / f"{study % 7}" / f"{study % 3}", study, 1 + study % 2)
    return folder


def held(out: Path) -> list[str]:
    return sorted(i.source.name for p in out.glob("*.radz") for i in read_archive(p).images)


def test_hundreds_of_studies_and_a_copy_of_a_folder(hundreds: Path, tmp_path: Path) -> None:
    shutil.copytree(hundreds / "0", tmp_path / "again")
    out = tmp_path / "out"
    summary = archive_many([hundreds, tmp_path / "again"], out, SETTINGS)
    assert len(list(out.glob("*.radz"))) == STUDIES
    assert held(out) == sorted(path.name for path in hundreds.rglob("*.dcm"))
    copies = len(list((tmp_path / "again").rglob("*.dcm")))
    said = [notice for each in summary.outcomes for notice in each.notices]
    assert sum("the same file as" in notice for notice in said) == copies
    before = time.perf_counter()
    assert archive_many([hundreds, tmp_path / "again"], out, SETTINGS).resumed == STUDIES
    assert time.perf_counter() - before < 60


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_again_and_again_at_random_moments(hundreds: Path, tmp_path: Path) -> None:
    out, chance = tmp_path / "out", random.Random(5)
    words = ["archive", str(hundreds), "-o", str(out), "--codec", "jpeg2000", "--lossless"]
    done: set[str] = set()
    noted: set[str] = set()
    inodes: dict[str, int] = {}
    for _ in range(3):
        running = subprocess.Popen(
            [sys.executable, "-m", "viewer.cli.main", *words, "--jobs", "2"],
            cwd=ROOT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until, journal = time.monotonic() + 100, out / NAME
        while not journal.exists() or journal.read_bytes().count(b"\n") <= len(done) + 5:
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.002)
        time.sleep(chance.random() * 0.3)
        running.kill()
        running.wait()
        time.sleep(0.5)  # its workers see their pipes close
        there = {path.name for path in out.glob("*.radz")}
        assert there >= done
        for name in inodes.keys() & there:
            assert (out / name).stat().st_ino == inodes[name]  # none was written again
        done = there
        # One that was killed between its name and its line is done again; the others are not.
        lines = journal.read_bytes().splitlines(keepends=True)
        noted = {json.loads(each)["study"]["archive"] for each in lines if each.endswith(b"\n")}
        assert len(done - noted) <= 2
        inodes = {name: (out / name).stat().st_ino for name in noted}
    last = archive_many([hundreds], out, Settings("jpeg2000", Target("lossless")))
    assert not last.bad
    assert last.resumed == len(noted)
    assert {name: (out / name).stat().st_ino for name in noted} == inodes
    assert len(list(out.glob("*.radz"))) == STUDIES
    assert held(out) == sorted(path.name for path in hundreds.rglob("*.dcm"))
    assert all(verify(path, decode=False).ok for path in out.glob("*.radz"))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs RLIMIT_FSIZE")
def test_a_disk_that_is_full_in_a_worker_is_a_sentence(hundreds: Path, tmp_path: Path) -> None:
    """A process whose files may not grow: what a full disk does to the ones that write."""
    out = tmp_path / "out"
    words = ["archive", str(hundreds / "1"), "-o", str(out), "--codec", "jpeg2000", "--lossless"]

    def limit() -> None:
        # Writing beyond it raises EFBIG, once its signal is ignored, as Python does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    done = subprocess.run(
        [sys.executable, "-m", "viewer.cli.main", *words, "--jobs", "2"],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert os.strerror(errno.EFBIG) in done.stdout + done.stderr or "disk" in (
        done.stdout + done.stderr
    )
    assert not list(out.glob("*.radz"))
    assert not list(out.glob(".radview-*.part"))
    again = archive_many([hundreds / "1"], out, Settings("jpeg2000", Target("lossless")))
    assert not again.bad
    assert held(out) == sorted(path.name for path in (hundreds / "1").rglob("*.dcm"))

"""Worker processes: shared out, killed, resumed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.many import pool
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.journal import NAME
from viewer.archive.many.records import StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs import openjpeg
from viewer.codecs.base import Target
from viewer.errors import ArchiveError, Cancelled
from viewer.progress import PauseToken

STUDIES = 24
ROOT = Path(__file__).resolve().parents[3]


def command(source: Path, out: Path, jobs: int) -> list[str]:
    words = ["archive", str(source), "-o", str(out), "--codec", "jpeg2000", "--lossless"]
    return [sys.executable, "-m", "viewer.cli.main", *words, "--jobs", str(jobs)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for study in range(STUDIES):
        make_study(tmp_path / "in" / f"{study % 5}", study)
    return tmp_path / "in"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize(
    ("jobs", "how"), [(1, signal.SIGKILL), (2, signal.SIGKILL), (2, signal.SIGINT)]
)
def test_a_run_killed_half_way_goes_on_where_it_was(
    source: Path, tmp_path: Path, jobs: int, how: signal.Signals
) -> None:
    out = tmp_path / "out"
    running = subprocess.Popen(command(source, out, jobs), cwd=ROOT, stderr=subprocess.PIPE)
    journal = out / NAME
    until = time.monotonic() + 100
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    os.kill(running.pid, how)
    _, said = running.communicate(timeout=60)
    if how == signal.SIGINT:
        assert (running.returncode, said) == (130, b"radview: stopped\n")
        assert not list(out.glob(".radview-*.part"))
    else:
        assert running.returncode == -signal.SIGKILL
    done = {json.loads(line)["study"]["archive"] for line in journal.read_bytes().splitlines()}
    assert 3 <= len(done) < STUDIES
    before = {name: (out / name).stat().st_ino for name in done}
    for path in out.glob("*.radz"):
        assert verify(path).ok  # whatever has its name is whole
    again = archive_many([source], out, Settings("jpeg2000", Target("lossless")))
    assert again.resumed == len(done)
    assert {name: (out / name).stat().st_ino for name in done} == before
    held = [i.source.name for path in out.glob("*.radz") for i in read_archive(path).images]
    assert sorted(held) == sorted(path.name for path in source.rglob("*.dcm"))
    assert not again.bad


@pytest.mark.slow
def test_the_command_shares_studies_out_and_writes_its_tables(tmp_path: Path) -> None:
    for study in range(3):
        make_study(tmp_path / "in", study, 1)
    words = ["--summary-csv", str(tmp_path / "t.csv"), "--summary-json", str(tmp_path / "t.json")]
    done = subprocess.run(
        [*command(tmp_path / "in", tmp_path / "out", 2), *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 studies, 3 images" in done.stdout
    assert json.loads((tmp_path / "t.json").read_text())["exact"] == 3
    assert (tmp_path / "t.csv").read_text().count("\n") == 4


@pytest.mark.slow
def test_a_study_whose_worker_dies_is_done_by_another(tmp_path: Path) -> None:
    for study in range(6):
        make_study(tmp_path / "in", study, images=6)
    killed: list[int | None] = []

    def kill_one(fraction: float, text: str) -> None:
        workers = multiprocessing.active_children()
        if fraction > 0.03 and workers and not killed:
            killed.append(workers[0].pid)
            workers[0].kill()

    out = tmp_path / "out"
    settings = Settings("jpeg2000", Target("lossless"))
    summary = archive_many([tmp_path / "in"], out, settings, jobs=2, progress=kill_one)
    assert len(killed) == 1
    assert not summary.bad
    held = [i.source.name for path in out.glob("*.radz") for i in read_archive(path).images]
    assert sorted(held) == sorted(path.name for path in (tmp_path / "in").iterdir())
    assert not multiprocessing.active_children()


def test_a_study_that_two_workers_died_of_is_given_up(tmp_path: Path) -> None:
    task = StudyTask("key", "study-key.radz", (str(tmp_path / "a.dcm"),), ("1.2",))
    ours, theirs = multiprocessing.Pipe()
    worker = pool._Worker(multiprocessing.Process(), ours, task)
    died: set[str] = set()
    waiting: deque[StudyTask] = deque()
    assert pool._buried(worker, died, waiting) is None
    assert list(waiting) == [task]
    outcome = pool._buried(worker, died, waiting)
    assert outcome is not None
    assert (outcome.archive, [each.path for each in outcome.bad]) == ("", [*task.sources])
    assert "died twice" in outcome.bad[0].reason
    ours.close()
    theirs.close()


@pytest.mark.slow
def test_a_folder_lost_under_a_worker_ends_the_run_in_a_sentence(tmp_path: Path) -> None:
    for study in range(4):
        make_study(tmp_path / "in", study, images=4)
    out = tmp_path / "out"

    def unplug(fraction: float, text: str) -> None:
        if 0.03 < fraction < 1 and out.exists():
            out.rename(tmp_path / "unplugged")

    with pytest.raises(ArchiveError, match="of 4 studies are finished and stand"):
        archive_many(
            [tmp_path / "in"],
            out,
            Settings("jpeg2000", Target("lossless")),
            jobs=2,
            progress=unplug,
        )
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("own", "most"), [("1", 1), ("2", 2), ("", 64), ("many", 64)])
def test_openjpeg_keeps_to_the_threads_a_worker_is_given(
    monkeypatch: pytest.MonkeyPatch, own: str, most: int
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", own)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert openjpeg._threads() == min(most, openjpeg._MOST_THREADS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_run_that_is_held_by_its_terminal_goes_on(source: Path, tmp_path: Path) -> None:
    """What Ctrl-Z and `fg` do to a command and its workers."""
    out = tmp_path / "out"
    running = subprocess.Popen(command(source, out, 2), cwd=ROOT, start_new_session=True)
    until = time.monotonic() + 100
    while not list(out.glob("*.radz")):
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGSTOP)
    time.sleep(0.3)
    done = len(list(out.glob("*.radz")))
    time.sleep(0.7)
    assert len(list(out.glob("*.radz"))) == done < STUDIES
    os.killpg(running.pid, signal.SIGCONT)
    assert running.wait(100) == 0
    assert len(list(out.glob("*.radz"))) == STUDIES


@pytest.mark.slow
def test_workers_are_held_go_on_and_are_stopped_while_held(source: Path, tmp_path: Path) -> None:
    out, token = tmp_path / "out", PauseToken()
    seen: list[int] = []

    def hold(fraction: float, text: str) -> None:
        if fraction > 0.1 and not seen:
            token.pause()
            threading.Thread(target=look, daemon=True).start()
            seen.append(-1)

    def look() -> None:
        time.sleep(1.0)
        first = len(list(out.glob("*.radz")))
        time.sleep(1.0)
        seen.append(len(list(out.glob("*.radz"))) - first)
        token.resume()

    settings = Settings("jpeg2000", Target("lossless"))
    summary = archive_many([source], out, settings, jobs=2, progress=hold, cancel=token)
    assert seen == [-1, 0]
    assert token.paused_seconds >= 2.0
    assert len(list(out.glob("*.radz"))) == STUDIES
    assert not summary.bad

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.1 and not again.paused:
            again.pause()
            threading.Timer(0.5, again.cancel).start()

    again = PauseToken()
    with pytest.raises(Cancelled):
        archive_many([source], tmp_path / "other", settings, jobs=2, progress=stop, cancel=again)
    assert not multiprocessing.active_children()
    assert not list((tmp_path / "other").glob(".radview-*.part"))

"""A real scheduler with real workers: killed, blind, gone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.archive.many.clusters import ROOT, Cluster
from tests.archive.many.studies import make_study
from viewer.archive.many import cluster, cluster_crew
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.cluster_worker import MarkToken, Run, Unseen, stage_study, unfit
from viewer.archive.many.grouping import group
from viewer.archive.many.journal import NAME
from viewer.archive.many.settings import Settings
from viewer.archive.many.summary import ManySummary
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs.base import Target
from viewer.errors import ArchiveError, Cancelled
from viewer.images.opening import read_header
from viewer.progress import CancelToken, PauseToken

# Asked for, not imported: that takes a second, which other tests need not wait for.
pytestmark = [
    pytest.mark.skipif(
        find_spec("distributed") is None, reason="the extra 'cluster' is not installed"
    ),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

SETTINGS = Settings("jpeg2000", Target("lossless"))


@pytest.fixture(scope="module")
def one_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.add_worker()
    made.add_worker()
    yield made
    made.close()


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Callable[[int], Cluster]]:
    clusters: list[Cluster] = []

    def make(workers: int) -> Cluster:
        (tmp_path / "own").mkdir()
        clusters.append(Cluster(tmp_path / "own"))
        for _ in range(workers):
            clusters[0].add_worker()
        return clusters[0]

    yield make
    for each in clusters:
        each.close()


def studies(folder: Path, count: int, images: int = 2) -> Path:
    for study in range(count):
        make_study(folder / f"{study % 3}", study, images)
    return folder


def archived(source: Path, out: Path, address: str, **keywords: Any) -> ManySummary:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Dask's, that its parts may be of other versions
        return archive_many([source], out, SETTINGS, scheduler=address, **keywords)


def held(out: Path) -> list[str]:
    return sorted(
        image.source.name for path in out.glob("*.radz") for image in read_archive(path).images
    )


def hidden(out: Path) -> list[str]:
    return [path.name for path in out.iterdir() if path.name.startswith(".radview")]


def test_two_workers_share_studies_and_a_second_run_does_nothing(
    one_cluster: Cluster, tmp_path: Path
) -> None:
    source, out = studies(tmp_path / "in", 8), tmp_path / "out"
    (source / "bad.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 90)
    lines: list[str] = []
    summary = archived(
        source, out, one_cluster.address, progress=lambda _, text: lines.append(text)
    )
    assert held(out) == sorted(path.name for path in source.rglob("s*.dcm"))
    assert [Path(each.path).name for each in summary.bad] == ["bad.dcm"]
    assert {row.archive for row in summary.rows} == {path.name for path in out.glob("*.radz")}
    assert "8/8 studies" in lines[-2]
    assert hidden(out) == []
    assert archived(source, out, one_cluster.address).resumed == 8
    # The journal is the same one: a run without a cluster finds all done too.
    assert archive_many([source], out, SETTINGS).resumed == 8


def test_a_worker_killed_half_way_loses_doubles_and_halves_nothing(
    own_cluster: Callable[[int], Cluster], tmp_path: Path
) -> None:
    cluster = own_cluster(2)
    source, out = studies(tmp_path / "in", 40), tmp_path / "out"
    killed: list[int] = []

    def kill_one(fraction: float, text: str) -> None:
        if fraction > 0.4 and not killed:
            cluster.workers[0].kill()
            killed.append(cluster.workers[0].wait())

    summary = archived(source, out, cluster.address, progress=kill_one)
    assert killed
    assert not summary.bad
    assert len(list(out.glob("*.radz"))) == 40
    assert held(out) == sorted(path.name for path in source.rglob("*.dcm"))
    assert all(verify(path).ok for path in out.glob("*.radz"))
    journal = [json.loads(line)["study"]["key"] for line in (out / NAME).open()]
    assert sorted(journal) == sorted(set(journal))
    assert len(journal) == 40


def test_a_killed_driver_leaves_a_folder_to_go_on_from(
    one_cluster: Cluster, tmp_path: Path
) -> None:
    source, out = studies(tmp_path / "in", 40, images=3), tmp_path / "out"
    words = ["archive", str(source), "-o", str(out), "--codec", "jpeg2000", "--lossless"]
    running = subprocess.Popen(
        [sys.executable, "-m", "viewer.cli.main", *words, "--scheduler", one_cluster.address],
        cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 100
    while not (out / NAME).exists() or (out / NAME).read_bytes().count(b"\n") < 3:
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    running.kill()
    running.wait()
    done = (out / NAME).read_bytes().count(b"\n")
    assert done < 40
    assert all(verify(path).ok for path in out.glob("*.radz"))
    summary = archived(source, out, one_cluster.address)
    assert summary.resumed >= done - 1
    assert held(out) == sorted(path.name for path in source.rglob("*.dcm"))
    assert not [name for name in hidden(out) if name.startswith(cluster.MARK)]


def test_cancelling_stops_the_workers_too(one_cluster: Cluster, tmp_path: Path) -> None:
    source, out, cancel = studies(tmp_path / "in", 30, 3), tmp_path / "out", CancelToken()

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        archived(source, out, one_cluster.address, progress=stop, cancel=cancel)
    assert 1 <= len(list(out.glob("*.radz"))) < 30
    assert not [name for name in hidden(out) if name.startswith(cluster.MARK)]


def test_while_paused_nothing_more_is_given_out(one_cluster: Cluster, tmp_path: Path) -> None:
    source, out, token = studies(tmp_path / "in", 20), tmp_path / "out", PauseToken()
    paused = threading.Event()

    def pause(fraction: float, text: str) -> None:
        if fraction > 0.2 and not paused.is_set():
            token.pause()
            paused.set()

    thread = threading.Thread(
        target=archived, args=(source, out, one_cluster.address),
        kwargs={"progress": pause, "cancel": token},
    )  # fmt: skip
    thread.start()
    try:
        assert paused.wait(110)
        # What the workers have is done: a study each, and one more that waits there.
        done, since = -1, time.monotonic()
        while time.monotonic() - since < 3.0:
            now = len(list(out.glob("*.radz")))
            if now != done:
                done, since = now, time.monotonic()
            time.sleep(0.05)
        assert done < 20
    finally:
        token.resume()
        thread.join(100)
    assert len(list(out.glob("*.radz"))) == 20


def test_a_scheduler_that_goes_away_is_a_sentence(
    own_cluster: Callable[[int], Cluster], tmp_path: Path
) -> None:
    cluster = own_cluster(1)
    source, out = studies(tmp_path / "in", 40), tmp_path / "out"

    def kill(fraction: float, text: str) -> None:
        if fraction > 0.2 and cluster.scheduler.poll() is None:
            cluster.scheduler.kill()
            cluster.scheduler.wait()

    with pytest.raises(ArchiveError, match=r"scheduler at .* has gone; \d+ of 40 studies are"):
        archived(source, out, cluster.address, progress=kill)
    assert all(verify(path).ok for path in out.glob("*.radz"))
    assert archive_many([source], out, SETTINGS).resumed >= 1
    assert held(out) == sorted(path.name for path in source.rglob("*.dcm"))


def test_no_scheduler_and_no_workers_are_sentences(
    own_cluster: Callable[[int], Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = studies(tmp_path / "in", 2)
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1.0)
    with pytest.raises(ArchiveError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"):
        archived(source, tmp_path / "out", "tcp://127.0.0.1:9")
    with pytest.raises(ArchiveError, match="No scheduler answers at nowhere"):
        archived(source, tmp_path / "out", "nowhere:x")
    monkeypatch.setattr(cluster_crew, "_PATIENCE", 1.0)
    empty = own_cluster(0)
    with pytest.raises(ArchiveError, match="has no workers; 0 of 2 studies"):
        archived(source, tmp_path / "out", empty.address)


def test_workers_that_cannot_take_part_are_named(
    one_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = studies(tmp_path / "in", 2)

    def older(folder: str, mark: str, settings: Settings) -> Run:
        return Run(folder, mark, settings, version="0.0.1")

    monkeypatch.setattr(cluster, "Run", older)
    with pytest.raises(ArchiveError, match=r"No worker of .* can archive here: .* has version"):
        archived(source, tmp_path / "out", one_cluster.address)


def test_a_worker_says_what_it_does_not_see(tmp_path: Path) -> None:
    source, out = studies(tmp_path / "in", 1), tmp_path / "out"
    out.mkdir()
    mark = out / "mark"
    run = Run(str(out), str(mark), SETTINGS)
    assert "does not see" in unfit(run)
    mark.touch()
    assert unfit(run) == ""
    assert "version" in unfit(replace(run, version="0"))
    task = group([read_header(path) for path in source.rglob("*.dcm")])[0]
    Path(task.sources[1]).unlink()
    assert stage_study(task, run) == Unseen(task.sources[1])
    token = MarkToken(str(mark))
    token.check()
    mark.unlink()
    with pytest.raises(Cancelled):
        stage_study(task, run)

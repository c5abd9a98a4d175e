"""A study that is still arriving is left alone until it has stopped growing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.many.settings import Settings
from viewer.archive.many.summary import ManySummary
from viewer.archive.many.watching import Settling, watch
from viewer.archive.reading import read_archive
from viewer.codecs.base import Target
from viewer.errors import Cancelled
from viewer.progress import CancelToken

SETTINGS = Settings("fake-exact", Target("lossless"))


def test_a_file_settles_once_it_has_stayed_the_same_for_long_enough(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "in" / "out"
    out.mkdir(parents=True)
    growing = source / "a.dcm"
    growing.write_bytes(b"1")
    (out / "ours.radz").write_bytes(b"x")
    settling = Settling([source], out, 10.0)
    assert not settling.look(0.0)
    growing.write_bytes(b"12")
    assert not settling.look(8.0)
    assert not settling.look(17.0)
    assert not settling.ready(growing)
    assert settling.look(18.0)
    assert settling.ready(growing)
    assert not settling.look(19.0)
    growing.write_bytes(b"123")
    assert settling.look(20.0)
    assert not settling.any
    assert not settling.ready(source / "came-since.dcm")
    assert settling.ready(tmp_path / "unpacked" / "b.dcm")


def test_studies_are_archived_as_they_arrive_and_only_when_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is ours: every nap is five seconds in which something arrives."""
    source, out, cancel = tmp_path / "in", tmp_path / "out", CancelToken()
    whole = make_study(tmp_path / "elsewhere", 1, images=2)
    make_study(source, 0)
    now = 0.0
    rounds: list[tuple[float, ManySummary]] = []

    def nap(seconds: float, token: CancelToken) -> None:
        nonlocal now
        now += 5.0
        if now == 5.0:
            (source / "b-0.dcm").write_bytes(whole[0].read_bytes())
        if now <= 30.0:  # the second file of this study grows for half a minute
            size = int(whole[1].stat().st_size * now / 30)
            (source / "b-1.dcm").write_bytes(whole[1].read_bytes()[:size])
        if now > 60.0:
            cancel.cancel()

    monkeypatch.setattr("viewer.archive.many.watching._nap", nap)
    monkeypatch.setattr("viewer.archive.many.watching.time.monotonic", lambda: now)
    with pytest.raises(Cancelled):
        watch(
            [source],
            out,
            SETTINGS,
            settle=10.0,
            on_round=lambda summary: rounds.append((now, summary)),
            cancel=cancel,
        )
    assert not any(summary.bad for _, summary in rounds)
    written = [(at, len(s.outcomes[s.resumed :])) for at, s in rounds]
    assert written[0] == (10.0, 1)
    assert written[-1] == (40.0, 1)
    held = {len(read_archive(path).images) for path in out.glob("*.radz")}
    assert (len(list(out.glob("*.radz"))), held) == (2, {2})

"""The measurements measure, in processes of their own."""

from __future__ import annotations

import time

import pytest

from viewer.errors import RadviewError
from viewer.ui import benchmark
from viewer.ui.status import StatusLine


def test_rows_say_whether_the_target_was_met():
    assert benchmark.row("a", 1.5, "s", 2.0, lower=True)["met"]
    assert not benchmark.row("a", 20.0, "frames/s", 30.0, lower=False)["met"]
    assert set(benchmark.row("a", 1, "s", 2, lower=True)) == {
        "name",
        "value",
        "unit",
        "target",
        "met",
    }


def test_first_picture_is_measured():
    assert 0.1 < benchmark._measure("first-picture") < 20


def test_a_failed_measurement_is_one_sentence():
    with pytest.raises(RadviewError, match="The measurement 'nothing' failed"):
        benchmark._measure("nothing")


def test_a_block_of_the_event_loop_is_seen(slow_codec, monkeypatch):
    monkeypatch.setattr(benchmark, "_learned_codec", lambda: "slow")
    show = StatusLine._on_progress

    def slowly(*arguments):
        time.sleep(0.15)
        show(*arguments)

    monkeypatch.setattr(StatusLine, "_on_progress", slowly)
    assert 140 < benchmark.longest_block() < 5000


def test_drag_counts_painted_frames(monkeypatch):
    monkeypatch.setattr(benchmark, "_DRAG_S", 0.5)
    assert benchmark.drag_frames() > 5

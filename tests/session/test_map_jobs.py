"""Maps are computed as long as they are wanted."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from viewer.errors import MeasureError
from viewer.jobs import JobQueue
from viewer.session.map_jobs import MapJobs, MapOrder, Pair


@pytest.fixture
def jobs(qtbot):
    queue = JobQueue()
    yield MapJobs(queue)
    assert queue.close()


def order(compute, name="map", pair=None):
    return MapOrder(name, "A map", compute, pair or Pair(np.zeros(1), np.zeros(1)))


def test_an_answer_is_kept_while_it_is_wanted(jobs, qtbot):
    calls = []

    def compute(pair, *, progress, cancel):
        calls.append(pair)
        return "answer"

    first = order(compute)
    same = order(compute, pair=first.pair)
    with qtbot.waitSignal(jobs.ready):
        jobs.want([first, same])
    assert jobs.answer(same) == "answer"
    jobs.want([same])
    assert not jobs.busy
    assert len(calls) == 1
    jobs.want([])
    assert jobs.answer(first) is None


def test_what_is_wanted_no_longer_is_stopped(jobs, qtbot):
    begun, ended = threading.Event(), threading.Event()

    def slow(pair, *, progress, cancel):
        begun.set()
        try:
            while True:
                cancel.check()
        finally:
            ended.set()

    jobs.want([order(slow)])
    qtbot.waitUntil(begun.is_set)
    quick = order(lambda pair, *, progress, cancel: "quick", "other")
    with qtbot.waitSignal(jobs.ready):
        jobs.want([quick])
    assert ended.is_set()
    assert jobs.answer(quick) == "quick"


def test_failures_are_told_once_and_not_tried_again(jobs, qtbot):
    def fail(pair, *, progress, cancel):
        raise MeasureError("SSIM needs 11 pixels a side.")

    wanted = order(fail)
    with qtbot.waitSignal(jobs.failed) as told:
        jobs.want([wanted])
    assert told.args == [wanted.key, "SSIM needs 11 pixels a side."]
    jobs.want([wanted])
    assert not jobs.busy
    assert jobs.error(wanted) == "SSIM needs 11 pixels a side."

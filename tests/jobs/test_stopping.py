"""Jobs replaced or cancelled, queues closed or forgotten: no late result, no thread left."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from tests.jobs.functions import long_call, quick, record, stepwise
from viewer.jobs import JobQueue
from viewer.jobs.lane import MAX_RETIRED
from viewer.jobs.worker import running_threads


def test_a_newer_job_replaces_older_ones_whose_results_never_come(queue, qtbot):
    jobs = [queue.submit(stepwise, 0.5) for _ in range(9)]
    seen = [record(job) for job in jobs]
    last = queue.submit(quick, "newest")
    with qtbot.waitSignal(last.succeeded, timeout=1000) as caught:
        pass
    assert caught.args == ["newest"]
    qtbot.wait(100)
    for signals in seen:
        assert [name for name, *_ in signals if name != "started"] == ["cancelled", "finished"]
    assert [job.generation for job in jobs] == sorted(job.generation for job in jobs)


def test_a_result_already_under_way_is_dropped_when_its_job_is_cancelled(queue, qtbot):
    job = queue.submit(quick, "stale")
    seen = record(job)
    time.sleep(0.1)  # the worker is done; its signal waits in the event queue
    job.cancel()
    qtbot.wait(50)
    assert seen == [("cancelled",), ("finished",)]


@pytest.mark.parametrize("function", [stepwise, long_call])
def test_cancel_frees_the_window_within_300_ms(queue, qtbot, function):
    job = queue.submit(function, 1.2)
    seen = record(job)
    qtbot.waitUntil(lambda: ("started",) in seen)
    start = time.perf_counter()
    with qtbot.waitSignal(job.finished, timeout=1000):
        job.cancel()
        job.cancel()
    assert time.perf_counter() - start < 0.3
    assert not queue.busy()
    successor = queue.submit(quick, "next")
    with qtbot.waitSignal(successor.succeeded, timeout=1000):
        pass
    assert time.perf_counter() - start < 0.6
    assert seen == [("started",), ("cancelled",), ("finished",)]


def test_retired_threads_are_bounded_and_joined(queue, qtbot):
    started = []

    def stuck(name, *, progress, cancel):
        started.append(name)
        time.sleep(0.9)

    for name in range(MAX_RETIRED + 1):
        job = queue.submit(stuck, name)
        qtbot.waitUntil(lambda name=name: name in started, timeout=1000)
    last = queue.submit(quick, "waited")
    qtbot.wait(250)
    assert len(running_threads()) == MAX_RETIRED + 1
    with qtbot.waitSignal(last.succeeded, timeout=2000):
        pass
    qtbot.waitUntil(lambda: len(running_threads()) == 1, timeout=2000)
    assert job.over


def test_a_cancelled_waiting_job_is_never_called(queue, qtbot):
    called = []

    def note(*, progress, cancel):
        called.append(1)

    first = queue.submit(stepwise, 0.1, replace=False)
    second = queue.submit(note, replace=False)
    second.cancel()
    with qtbot.waitSignal(first.succeeded):
        pass
    qtbot.wait(30)
    assert called == []


def test_close_during_a_job_waits_for_the_call_and_says_so(queue, qtbot, caplog):
    job = queue.submit(long_call, 0.8)
    waiting = queue.submit(quick, "never", replace=False)
    seen, unseen = record(job), record(waiting)
    qtbot.waitUntil(lambda: ("started",) in seen)
    start = time.perf_counter()
    with caplog.at_level(logging.WARNING):
        assert queue.close(timeout=0.1)
    assert time.perf_counter() - start > 0.5
    assert running_threads() == ()
    assert "cannot be stopped" in caplog.text
    assert queue.close()
    qtbot.wait(50)
    assert seen[-2:] == [("cancelled",), ("finished",)]
    assert unseen == [("cancelled",), ("finished",)]


def test_a_closed_queue_cancels_what_it_is_given(queue, qtbot):
    queue.close()
    job = queue.submit(quick, 1)
    seen = record(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert seen == [("cancelled",), ("finished",)]
    assert running_threads() == ()


def test_close_from_within_a_jobs_own_signal(queue, qtbot):
    job = queue.submit(quick, 1)
    job.succeeded.connect(lambda _: queue.close())
    with qtbot.waitSignal(job.finished):
        pass
    assert running_threads() == ()


FORGETFUL = """
import sys, time
from PySide6.QtCore import QCoreApplication, QTimer
from viewer.jobs import JobQueue
def busy(*, progress, cancel):
    while True:
        cancel.check()
        time.sleep(0.01)
app = QCoreApplication([])
queue = JobQueue()
job = queue.submit(busy)
QTimer.singleShot(100, app.quit)
app.exec()
{ending}
"""


@pytest.mark.parametrize("ending", ["", "del job, queue", "raise SystemExit(0)", "del app"])
def test_the_interpreter_ends_cleanly_without_close(ending):
    done = subprocess.run(
        [sys.executable, "-c", FORGETFUL.format(ending=ending)],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_queues_do_not_share_threads(qtbot):
    first, second = JobQueue(), JobQueue()
    job = second.submit(stepwise, 0.1)
    first.close()
    with qtbot.waitSignal(job.succeeded):
        pass
    second.close()
    assert running_threads() == ()

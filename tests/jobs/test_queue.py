"""Jobs in lanes: what they tell, in which order and thread, and how they fail."""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QThread

from tests.jobs.functions import long_call, quick, raising, record, stepwise
from viewer.errors import Cancelled, CodecError, RadviewError
from viewer.jobs import Job
from viewer.progress import CancelToken


def test_signals_come_in_order_and_in_the_threads_of_the_queue(queue, qtbot):
    threads = []
    job = queue.submit(stepwise, 0.1, title="Counting")
    job.progressed.connect(lambda *_: threads.append(QThread.currentThread()))
    order = [job.started, job.progressed, job.succeeded, job.finished]
    with qtbot.waitSignals(order, timeout=2000, order="none"):
        seen = record(job)
    assert seen == [("started",), ("succeeded", "all steps"), ("finished",)]
    assert set(threads) == {QCoreApplication.instance().thread()}


def test_a_function_runs_in_another_thread(queue, qtbot):
    def where(*, progress, cancel):
        return threading.get_ident()

    job = queue.submit(where)
    with qtbot.waitSignal(job.succeeded) as caught:
        pass
    assert caught.args[0] != threading.get_ident()


def test_progress_is_bounded_in_rate_and_range(queue, qtbot):
    def flood(*, progress, cancel):
        for step in range(20000):
            progress(step / 10000, "flood")

    job = queue.submit(flood)
    seen = []
    job.progressed.connect(lambda fraction, text: seen.append(fraction))
    with qtbot.waitSignal(job.finished):
        pass
    assert all(0 <= fraction <= 1 for fraction in seen)

    def slow_flood(*, progress, cancel):
        start = time.perf_counter()
        while time.perf_counter() - start < 0.3:
            progress(0.5, "flood")

    job = queue.submit(slow_flood)
    few = []
    job.progressed.connect(lambda fraction, text: few.append(fraction))
    with qtbot.waitSignal(job.finished):
        pass
    assert 3 <= len(few) <= 12


def test_parts_arrive_before_the_result(queue, qtbot):
    def parts(*, progress, cancel, deliver):
        for part in range(3):
            deliver(part)
        return "whole"

    job = queue.submit(parts, delivers=True)
    seen = record(job)
    with qtbot.waitSignal(job.finished):
        pass
    delivered = [("delivered", part) for part in range(3)]
    assert seen == [("started",), *delivered, ("succeeded", "whole"), ("finished",)]


def test_a_lane_runs_one_job_at_a_time_in_order(queue, qtbot):
    running = []

    def alone(name, *, progress, cancel):
        running.append(name)
        time.sleep(0.03)
        assert running[-1] == name
        return name

    jobs = [queue.submit(alone, n, lane="save", replace=False) for n in range(4)]
    ended = []
    for job in jobs:
        job.succeeded.connect(ended.append)
    with qtbot.waitSignal(jobs[-1].finished):
        pass
    assert running == ended == [0, 1, 2, 3]


def test_lanes_run_side_by_side(queue, qtbot):
    meeting = threading.Barrier(2, timeout=2)

    def meet(*, progress, cancel):
        return meeting.wait()

    first, second = queue.submit(meet, lane="read"), queue.submit(meet, lane="coding")
    with qtbot.waitSignals([first.succeeded, second.succeeded], timeout=3000):
        pass


def test_named_failures_pass_as_themselves(queue, qtbot):
    error = CodecError("The bitstream ends after 7 bytes.")
    job = queue.submit(raising, error)
    seen = record(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert seen == [("started",), ("failed", error), ("finished",)]
    assert error.__traceback__ is None


def test_a_function_that_stops_itself_is_cancelled(queue, qtbot):
    job = queue.submit(raising, Cancelled())
    seen = record(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert seen == [("started",), ("cancelled",), ("finished",)]


@pytest.mark.parametrize("error", [ValueError("DOE^JANE"), OSError(5, "x", "DOE"), SystemExit(3)])
def test_unexpected_failures_become_a_sentence_and_are_logged_without_identity(
    queue, qtbot, caplog, error
):
    job = queue.submit(raising, error, title="Coding with JPEG 2000")
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(job.failed) as caught:
        pass
    assert isinstance(caught.args[0], RadviewError)
    assert "Coding with JPEG 2000: unexpected failure" in str(caught.args[0])
    assert type(error).__name__ in caplog.text
    assert "in raising" in caplog.text
    assert "DOE" not in caplog.text + str(caught.args[0])
    following = queue.submit(quick, "alive")
    with qtbot.waitSignal(following.succeeded):
        pass


def test_too_little_memory_is_a_sentence_of_its_own(queue, qtbot):
    job = queue.submit(raising, MemoryError(), title="Reading")
    with qtbot.waitSignal(job.failed) as caught:
        pass
    assert str(caught.args[0]).startswith("Reading: there is not enough memory")


def test_a_job_submitted_from_a_result_runs(queue, qtbot):
    results = []
    first = queue.submit(quick, 1)
    keep = []

    def go_on(value):
        keep.append(queue.submit(quick, value + 1))
        keep[-1].succeeded.connect(results.append)

    first.succeeded.connect(go_on)
    qtbot.waitUntil(lambda: results == [2])


def test_the_event_loop_stays_free_while_close_is_not_called(queue, qtbot):
    from PySide6.QtCore import QTimer

    ticks = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(5)
    job = queue.submit(long_call, 0.4)
    with qtbot.waitSignal(job.finished):
        pass
    timer.stop()
    assert max(b - a for a, b in itertools.pairwise(ticks)) < 0.1


def test_emitting_costs_no_reference(qtbot):
    """PySide6 6.12.0 lost a reference to True at every emit, which ends Python 3.11."""
    job = Job(1, "coding", "Counting", CancelToken(), lambda job: None)
    before = sys.getrefcount(True)
    for _ in range(200):
        job.finished.emit()
    assert sys.getrefcount(True) > before - 100

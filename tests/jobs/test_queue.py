from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import threading
import time

import pytest
from PySide6.QtCore import QCoreApplication, QThread

from viewer.errors import Cancelled, CodecError, RadviewError
from viewer.jobs import Job, JobQueue
from viewer.jobs.lane import MAX_RETIRED
from viewer.jobs.worker import running_threads
from viewer.progress import CancelToken


def quick(value, *, progress, cancel):
    progress(1.0, "done")
    return value


def stepwise(seconds, *, progress, cancel):
    """A cooperative job: looks at the token every 5 ms."""
    for step in range(int(seconds / 0.005)):
        cancel.check()
        progress(step * 0.005 / seconds, f"step {step}")
        time.sleep(0.005)
    return "all steps"


def long_call(seconds, *, progress, cancel):
    """A call that looks at nothing until it returns."""
    time.sleep(seconds)
    return "too late"


def raising(error, *, progress, cancel):
    raise error


def record(job: Job) -> list[tuple]:
    """Names and arguments of a job's signals in the order of arrival."""
    seen: list[tuple] = []
    job.started.connect(lambda: seen.append(("started",)))
    job.delivered.connect(lambda part: seen.append(("delivered", part)))
    job.succeeded.connect(lambda result: seen.append(("succeeded", result)))
    job.failed.connect(lambda error: seen.append(("failed", error)))
    job.cancelled.connect(lambda: seen.append(("cancelled",)))
    job.finished.connect(lambda: seen.append(("finished",)))
    return seen


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


def test_a_job_submitted_from_a_result_runs(queue, qtbot):
    results = []
    first = queue.submit(quick, 1)
    keep = []

    def go_on(value):
        keep.append(queue.submit(quick, value + 1))
        keep[-1].succeeded.connect(results.append)

    first.succeeded.connect(go_on)
    qtbot.waitUntil(lambda: results == [2])


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


def test_queues_do_not_share_threads(qtbot):
    first, second = JobQueue(), JobQueue()
    job = second.submit(stepwise, 0.1)
    first.close()
    with qtbot.waitSignal(job.succeeded):
        pass
    second.close()
    assert running_threads() == ()


def test_emitting_costs_no_reference(qtbot):
    """PySide6 6.12.0 lost a reference to True at every emit, which ends Python 3.11."""
    job = Job(1, "coding", "Counting", CancelToken(), lambda job: None)
    before = sys.getrefcount(True)
    for _ in range(200):
        job.finished.emit()
    assert sys.getrefcount(True) > before - 100

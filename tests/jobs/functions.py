"""Functions that jobs run in the tests, and what a job tells of them."""

from __future__ import annotations

import time

from viewer.jobs import Job


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

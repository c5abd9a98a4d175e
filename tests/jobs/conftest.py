"""A queue that every test must leave without threads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from viewer.jobs import JobQueue
from viewer.jobs.worker import running_threads


@pytest.fixture
def queue(qtbot) -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    assert made.close()
    assert running_threads() == ()

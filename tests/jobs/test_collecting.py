from __future__ import annotations

import gc
import threading
import weakref

import pytest

from viewer.jobs.collecting import MainThreadCollector


class Cycle:
    def __init__(self, died: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: died.append(threading.get_ident()))


@pytest.fixture
def collector(qtbot):
    made = MainThreadCollector()
    yield made
    made.stop()
    assert gc.isenabled()


def test_cycles_die_in_the_main_thread_even_when_a_worker_makes_objects(collector, queue, qtbot):
    died: list[int] = []
    Cycle(died)

    def churn(*, progress, cancel):
        return [[n] for n in range(5 * gc.get_threshold()[0] + 5000)]

    job = queue.submit(churn)
    with qtbot.waitSignal(job.succeeded):
        pass
    for _ in range(40):
        collector.collect()
    gc.collect()
    assert died == [threading.get_ident()]


def test_nothing_is_collected_when_nothing_is_due(collector, monkeypatch):
    monkeypatch.setattr(gc, "get_count", lambda: (1, 1, 1))
    monkeypatch.setattr(gc, "collect", lambda generation: pytest.fail("collected"))
    collector.collect()

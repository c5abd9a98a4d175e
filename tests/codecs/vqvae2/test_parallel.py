"""Work shared out gives what work alone gives, in order, and ends when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from viewer.codecs.vqvae2 import parallel, wavelet


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_results_come_in_order(threads: int) -> None:
    def work(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        # Nothing is shared out twice: what works already works alone.
        assert list(parallel.in_order(lambda n: n + 1, [number])) == [number + 1]
        return number * number

    assert list(parallel.in_order(work, range(20))) == [n * n for n in range(20)]


def test_parts_make_up_the_whole(threads: int) -> None:
    seen = np.zeros(1000, np.int64)
    names = set()

    def work(start: int, end: int) -> None:
        seen[start:end] += 1
        names.add(threading.current_thread().name)

    parallel.in_parts(1000, work, 100)
    assert (seen == 1).all()
    parallel.in_parts(50, work, 100)
    assert seen[:50].tolist() == [2] * 50
    if threads == 1:
        assert names == {threading.current_thread().name}


def test_a_failure_ends_the_rest(threads: int) -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        list(parallel.in_order(work, range(100)))
    time.sleep(0.02)
    assert len(begun) <= 3 + 2 * threads


def test_one_leads_and_the_others_help(threads: int) -> None:
    caller, names = threading.current_thread().name, set()
    both = threading.Barrier(min(threads, 2))

    def part(start: int, end: int) -> None:
        names.add(threading.current_thread().name)
        # It goes on only where two parts are at work at once.
        both.wait(10)

    def work() -> str:
        parallel.in_parts(10 * min(threads, 2), part, 10)
        return threading.current_thread().name

    leader = parallel.lead(work)
    assert len(names) == min(threads, 2)
    assert leader in names
    assert (leader == caller) == (threads == 1)


def test_many_leaders_at_once_wait_for_nobody(threads: int) -> None:
    results: list[int] = []

    def lead() -> None:
        results.append(parallel.lead(lambda: sum(parallel.in_order(_slow, range(8)))))

    callers = [threading.Thread(target=lead) for _ in range(7)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert results == [28] * 7


def _slow(number: int) -> int:
    time.sleep(0.001)
    # A part of what is shared out shares out nothing.
    assert parallel.workers() == 1
    return number


def test_a_failure_beside_the_leader_is_the_leaders(threads: int) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        time.sleep(0.001)
        if number == 2:
            raise ValueError("two")
        done.append(number)

    with pytest.raises(ValueError, match="two"):
        parallel.lead(lambda: list(parallel.in_order(work, range(200))))
    assert len(done) <= 2 + 2 * threads


def test_threads_of_the_pool_compute_alone(threads: int) -> None:
    def count(_: int) -> int:
        torch.ones(64, 64).matmul(torch.ones(64, 64))
        return torch.get_num_threads()

    found = list(parallel.in_order(count, range(2 * threads)))
    assert found == [1] * (2 * threads)


def test_torch_keeps_its_threads(threads: int) -> None:
    list(parallel.in_order(lambda n: torch.ones(4).sum(), range(4)))
    assert torch.get_num_threads() == threads
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert found == [threads]


def test_large_pictures_are_lifted_alike(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = torch.from_numpy(np.random.default_rng(0).integers(0, 65536, (192, 256)) * 64.0)
    low, details = wavelet.analyse(picture)
    monkeypatch.setattr(wavelet, "_SHARED", 0)
    monkeypatch.setattr(wavelet, "_LEAST", 8)
    shared_low, shared = wavelet.analyse(picture)
    assert torch.equal(low, shared_low)
    assert all(torch.equal(one, other) for one, other in zip(details, shared, strict=True))
    assert torch.equal(wavelet.synthesise(shared_low, shared), picture)
    assert torch.equal(parallel.lead(lambda: wavelet.synthesise(shared_low, shared)), picture)

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

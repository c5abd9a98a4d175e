"""Large libraries are loaded in a fresh interpreter while another thread keeps the time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SCRIPT = """
import gc, json, sys, threading, time
from {module} import {function} as load
gaps, done = [], threading.Event()
def watch():
    last = time.perf_counter()
    while not done.is_set():
        time.sleep(0.002)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
import numpy
assert "{package}" not in sys.modules
watcher = threading.Thread(target=watch)
watcher.start()
loader = threading.Thread(target=load)
loader.start()
loader.join()
done.set()
watcher.join()
assert "{package}" in sys.modules
load()
assert gc.isenabled()
start = time.perf_counter()
gc.collect()
print(json.dumps({{"longest": max(gaps), "collect": time.perf_counter() - start}}))
"""

TORCH = ("viewer.networks.torch_loading", "load_torch", "torch")
OPENCV = ("viewer.linking", "load_opencv", "cv2")


@pytest.mark.parametrize(("module", "function", "package"), [TORCH, OPENCV])
def test_other_threads_go_on_while_a_large_library_is_loaded(module, function, package):
    script = SCRIPT.format(module=module, function=function, package=package)
    said = []
    # An ordinary import stops every other thread for 200 ms and more. On a machine that is busy
    # with something else, the best of three tells what the loading itself does.
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=True
        )
        said.append(json.loads(done.stdout))
        if said[-1]["longest"] < 0.1:
            break
    assert min(each["longest"] for each in said) < 0.1, said
    assert min(each["collect"] for each in said) < 0.1, said

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from viewer.codecs.base import Target
from viewer.errors import ModelError
from viewer.progress import NEVER, silent
from viewer.session import device as device_module
from viewer.session.device import WHEN_NEEDED, DeviceName, ask
from viewer.session.models import Coding

PLAIN = Coding("paced", Target("quality", 1))
LEARNED = Coding("other", Target("quality", 1))


@pytest.fixture
def device(queue, codecs) -> DeviceName:
    codecs["other"].info = replace(codecs["other"].info, learned=True)
    return DeviceName(queue)


def test_nothing_is_asked_before_a_network_is_chosen(device, qtbot, monkeypatch):
    monkeypatch.setattr(device_module, "ask", lambda *a, **k: pytest.fail("asked"))
    device.set_coding(PLAIN)
    device.seen("paced", "cpu")
    assert device.name == WHEN_NEEDED


def test_the_device_is_asked_in_a_thread_and_once(device, qtbot, monkeypatch):
    asked = []

    def fake(choice, *, progress, cancel):
        asked.append((choice, threading.get_ident()))
        return "GPU H200"

    monkeypatch.setattr(device_module, "ask", fake)
    with qtbot.waitSignal(device.changed) as caught:
        device.set_coding(LEARNED)
    assert caught.args == ["GPU H200"]
    device.set_coding(PLAIN)
    assert device.name == WHEN_NEEDED
    device.set_coding(LEARNED)
    assert device.name == "GPU H200"
    assert [choice for choice, _ in asked] == ["auto"]
    assert asked[0][1] != threading.get_ident()


def test_a_forced_or_fallen_back_cpu_is_known_without_asking(device, qtbot, monkeypatch):
    monkeypatch.setattr(device_module, "ask", lambda *a, **k: pytest.fail("asked"))
    device.set_coding(replace(LEARNED, device="cpu"))
    assert device.name == "CPU"
    device.set_coding(PLAIN)
    device.seen("other", "cpu")
    assert device.name == "CPU"


def test_a_device_that_is_not_there_is_said(device, qtbot, monkeypatch):
    def fail(choice, *, progress, cancel):
        raise ModelError("This computer offers no CUDA device; use 'cpu' or 'auto'.")

    monkeypatch.setattr(device_module, "ask", fail)
    with qtbot.waitSignal(device.changed):
        device.set_coding(replace(LEARNED, device="cuda"))
    assert "no CUDA device" in device.name


def test_the_real_answer_names_a_device():
    assert ask("auto", progress=silent, cancel=NEVER).split()[0] in ("CPU", "GPU")


def test_what_a_coding_imports_is_there_before_torch_is_linked():
    """Else the coding's thread waits for the linker with Python's lock, and the window with it."""
    code = (
        "import sys\n"
        "import viewer.networks.torch_loading as loading\n"
        "from viewer.progress import NEVER, silent\n"
        "from viewer.session.device import ask\n"
        "there = []\n"
        "wanted = {'viewer.evaluation.comparison', 'viewer.metrics.similarity', 'cv2'}\n"
        "plain = loading._link\n"
        "loading._link = lambda: (there.extend(wanted & set(sys.modules)), plain())\n"
        "ask('cpu', progress=silent, cancel=NEVER)\n"
        "sys.exit(set(there) != wanted)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()

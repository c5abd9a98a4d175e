"""The slider of a progressive codec shows another layer of what is coded already."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.codecs.recurrent.conftest import SMALL, save_model
from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.codecs.recurrent import encoding
from viewer.codecs.recurrent.layers import count_layers, prefix

TIMEOUT = 20_000


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """Give the codec a small untrained model; the list grows with every encoding."""
    codec = registry.get("recurrent")
    path = save_model(tmp_path / "small.safetensors", SMALL)
    monkeypatch.setattr(codec, "_weights", path)
    monkeypatch.setattr(codec, "_encoder", None)
    monkeypatch.setattr(codec, "_decoder", None)
    found = []
    real = encoding.encode_layers
    monkeypatch.setattr(encoding, "encode_layers", lambda *a: found.append(1) or real(*a))
    return found


@pytest.fixture
def coded(runs, window, qtbot, tmp_path):
    """A window with a small picture, coded in sixteen passes."""
    values = np.random.default_rng(0).integers(0, 256, (90, 70)).astype(np.uint8)
    Image.fromarray(values).save(tmp_path / "noise.png")
    session = window.session
    with qtbot.waitSignal(session.image_changed, timeout=TIMEOUT):
        session.open_paths([tmp_path / "noise.png"])
    qtbot.waitUntil(lambda: session.radiograph is not None and not session.busy, timeout=TIMEOUT)
    session.set_codec("recurrent")
    session.set_target(Target("quality", 100))
    session.compress()
    qtbot.waitUntil(lambda: session.comparison is not None and not session.busy, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: len(window.coding.layers.buttons) == 5, timeout=TIMEOUT)
    return window


def _wait_for(qtbot, session, count):
    qtbot.waitUntil(
        lambda: (
            not session.busy
            and session.comparison is not None
            and count_layers(session.comparison.encoded.data) == count
        ),
        timeout=TIMEOUT,
    )


def test_moving_the_slider_decodes_another_prefix_and_encodes_nothing(coded, runs, qtbot):
    session, editor = coded.session, coded.coding.target
    assert editor.kind.currentText() == "Iterations"
    assert (editor.slider.maximum(), editor.number.value()) == (15, 16)
    whole = session.comparison.encoded.data
    pictures = {16: session.comparison.reconstruction.pixels}
    for count in (3, 9, 1):
        editor.slider.setValue(count - 1)
        assert session.coding.target == Target("quality", 100 * count / 16)
        assert editor.number.value() == count
        _wait_for(qtbot, session, count)
        assert session.comparison.encoded.data == prefix(whole, count)
        pictures[count] = session.comparison.reconstruction.pixels
    for count, picture in pictures.items():
        same = [n for n, other in pictures.items() if np.array_equal(other, picture)]
        assert same == [count]
    assert len(runs) == 1


def test_typing_a_number_of_iterations_takes_it(coded, qtbot):
    coded.coding.target.number.setValue(7)
    _wait_for(qtbot, coded.session, 7)


def test_the_strip_shows_five_layers_and_a_click_asks_for_one(coded, runs, qtbot):
    strip, session = coded.coding.layers, coded.session
    assert strip.isVisible()
    texts = [button.text().split("\n") for button in strip.buttons]
    assert [label for label, _ in texts] == ["1", "2", "4", "8", "16"]
    assert all(fidelity.endswith(" dB") for _, fidelity in texts)
    assert [button.isChecked() for button in strip.buttons] == [False] * 4 + [True]
    assert all("dB" in button.toolTip() for button in strip.buttons)
    QTest.mouseClick(strip.buttons[2], Qt.MouseButton.LeftButton)
    assert session.coding.target == Target("quality", 25)
    _wait_for(qtbot, session, 4)
    assert [button.isChecked() for button in strip.buttons] == [False, False, True, False, False]
    assert len(runs) == 1
    session.set_codec("jpeg2000")
    qtbot.waitUntil(lambda: not session.busy, timeout=TIMEOUT)
    assert not strip.isVisible()

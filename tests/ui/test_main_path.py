"""What the product is for, as a user does it: open, compress, stop, drag the slider, save."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog

from viewer.codecs.base import Target
from viewer.jobs.worker import running_threads
from viewer.ui import formatting
from viewer.ui.figures_panel import fidelity_texts
from viewer.ui.save_dialog import SaveDialog

WAIT = 20_000


def compress(window, qtbot):
    with qtbot.waitSignal(window.session.coding_finished, timeout=WAIT):
        QTest.keyClick(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.session.comparison is not None, timeout=WAIT)
    return window.session.comparison


def test_opens_and_compresses_with_jpeg2000(opened, qtbot):
    opened.session.set_target(Target("bpp", 1.0))
    comparison = compress(opened, qtbot)
    figures = opened.coding.figures
    assert figures.ratio.text() == formatting.ratio(comparison.ratio_stored)
    assert figures.rate.text() == formatting.bits_per_pixel(comparison.bpp)
    assert f"{comparison.ratio_16bit:.2f} : 1 against 16 bits" in figures.ratio.toolTip()
    for key, text in fidelity_texts(comparison.figures).items():
        assert figures.fidelity.value(key) == text
    assert figures.cost.value("size") == formatting.size(comparison.byte_count)
    assert figures.cost.value("device") == "CPU"
    assert comparison.figures.psnr_db > 45
    qtbot.waitUntil(lambda: opened.panes.difference.pane.shown_values is not None)
    mark = opened.panes.reconstruction.pane.mark
    assert mark.isVisible()
    assert mark.text() == f"lossy {comparison.ratio_stored:.0f}:1 JPEG 2000"


def test_stopping_half_way_discards_the_result_at_once(slow_codec, opened, qtbot):
    slow_codec.steps = 400
    opened.session.set_codec("slow")
    opened.session.compress()
    qtbot.waitUntil(lambda: opened.status.progress.value() > 20, timeout=WAIT)
    assert "tile" in opened.status.job.text()
    begun = time.perf_counter()
    with qtbot.waitSignal(opened.session.coding_finished, timeout=WAIT):
        QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert time.perf_counter() - begun < 0.3
    assert opened.session.comparison is None
    assert not opened.status.progress.isVisible()
    assert opened.panes.reconstruction.pane.message.startswith("Press C")
    assert opened.coding.figures.fidelity.value("psnr") == formatting.NONE


def test_figures_follow_the_slider_before_it_is_released(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    compress(opened, qtbot)
    slider = opened.coding.target.slider
    seen = []
    opened.session.comparison_changed.connect(lambda c: seen.append(c) if c else None)
    slider.setSliderDown(True)
    for move in range(10):
        slider.setValue((slider.value() + 1 + move % 2) % (slider.maximum() + 1))
        qtbot.wait(30)
    qtbot.waitUntil(lambda: len(seen) >= 2, timeout=WAIT)
    assert slider.isSliderDown()
    slider.setSliderDown(False)
    qtbot.waitUntil(lambda: not opened.session.busy and not opened.session.stale, timeout=WAIT)
    last = opened.session.comparison
    assert last.target == opened.session.coding.target == opened.coding.target.target
    assert opened.coding.figures.fidelity.value("psnr") == formatting.decibels(last.figures.psnr_db)


def test_stale_figures_are_dimmed_and_never_beside_a_new_picture(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    first = compress(opened, qtbot)
    panel = opened.coding.figures
    assert panel.ratio.property("role") == ""
    slow_codec.steps = 60
    target = next(r for r in slow_codec.info.rates_bpp if r != first.target.value)
    opened.session.set_target(Target("bpp", target))
    assert opened.session.stale
    assert panel.ratio.property("role") == "dim"
    assert panel.fidelity._values["psnr"].property("role") == "dim"
    assert opened.panes.reconstruction.pane.picture.radiograph is first.reconstruction
    assert panel.ratio.text() == formatting.ratio(first.ratio_stored)
    with qtbot.waitSignal(opened.session.coding_finished, timeout=WAIT):
        pass
    second = opened.session.comparison
    assert second is not first
    assert panel.ratio.property("role") == ""
    assert opened.panes.reconstruction.pane.picture.radiograph is second.reconstruction


def test_saves_and_opens_again(opened, open_window, qtbot, tmp_path, monkeypatch):
    compress(opened, qtbot)
    decoded = opened.session.comparison.reconstruction.pixels
    archive = tmp_path / "kept.radz"
    suggested = []

    def choose(parent, title, start, kinds):
        suggested.append(start)
        return str(archive), kinds

    monkeypatch.setattr(SaveDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    with qtbot.waitSignal(opened.session.saved, timeout=WAIT):
        QTest.keyClick(opened, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert archive.is_file()
    assert [Path(start).name for start in suggested] == ["study.radz"]
    assert opened.status.job.text() == "Saved kept.radz"
    again = open_window()
    with qtbot.waitSignal(again.session.image_changed, timeout=WAIT):
        again.session.open_paths([archive])
    assert np.array_equal(again.session.radiograph.pixels, decoded)
    assert again.panes.original.pane.mark.text().startswith("lossy")


def test_a_failed_save_says_so_where_one_looks(opened, qtbot, tmp_path, monkeypatch):
    wrong = tmp_path / "no" / "such" / "folder" / "kept.radz"
    monkeypatch.setattr(SaveDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(wrong), ""))
    with qtbot.waitSignal(opened.session.save_failed, timeout=WAIT) as told:
        opened.actions_by_key["save"].trigger()
    assert opened.banner.text == told.args[0]


@pytest.mark.parametrize("when", ["coding", "opening"])
def test_closes_promptly_during_a_job(slow_codec, opened, qtbot, rg1_path, when):
    if when == "coding":
        slow_codec.steps = 500
        opened.session.set_codec("slow")
        opened.session.compress()
        qtbot.waitUntil(lambda: opened.status.progress.value() > 5, timeout=WAIT)
    else:
        opened.session.open_paths([rg1_path.parent])
        qtbot.wait(20)
    begun = time.perf_counter()
    opened.close()
    assert time.perf_counter() - begun < 2
    assert not opened.isVisible()
    assert running_threads() == ()


def test_a_rectangle_shows_the_sessions_figures(opened, qtbot, mouse):
    opened.session.set_target(Target("bpp", 0.5))
    compress(opened, qtbot)
    hand = mouse(opened.panes.original.pane)
    QTest.keyClick(opened, Qt.Key.Key_R)
    assert opened.session.view.tool == "box"
    with qtbot.waitSignal(
        opened.session.box_figures_changed, timeout=WAIT, check_params_cb=lambda f: f is not None
    ):
        hand.drag(hand.at(400, 500), hand.at(900, 1200))
    x, y, width, height = opened.session.box
    assert max(abs(x - 400), abs(y - 500), abs(x + width - 900), abs(y + height - 1200)) < 12
    panel = opened.coding.box
    assert panel.place.text() == f"{width} × {height} pixels at x {x}, y {y}"
    for key, text in fidelity_texts(opened.session.box_figures).items():
        assert panel.table.value(key) == text
    for frame in opened.panes.frames:
        assert frame.pane.rectangle.isVisible()
        assert frame.pane.rectangle.box == opened.session.box
    # A click beside it takes it away.
    hand.drag(hand.at(100, 100), hand.at(100, 100) + QPoint(1, 0), steps=1)
    assert opened.session.box is None
    assert not opened.panes.original.pane.rectangle.isVisible()

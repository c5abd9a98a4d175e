"""The Spoil dock: what is spoiled is coded, says so, is not saved, and goes by one click."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.dicom_files import write_dicom_file
from viewer.codecs.base import Target
from viewer.images.opening import read_frame, read_header
from viewer.images.pixel_format import PixelFormat
from viewer.metrics.figures import compare
from viewer.session.spoiling import AFTER, BEFORE, CODED

LONG = 240_000


@pytest.fixture(scope="module")
def detail_path(tmp_path_factory, rg1_path):
    pixels = np.ascontiguousarray(read_frame(read_header(rg1_path)).pixels[700:956, 700:956])
    folder = tmp_path_factory.mktemp("detail")
    return write_dicom_file(folder / "d.dcm", pixels, bits_stored=15, photometric="MONOCHROME1")


@pytest.fixture
def spoilt(window, qtbot, detail_path):
    """A window with the detail on the screen and the dock shown."""
    window.session.open_paths([detail_path])
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=LONG)
    window.session.set_codec("jpeg2000")
    window.session.set_target(Target("ratio", 20))
    QTest.keyClick(window, Qt.Key.Key_Q)
    assert window.spoiling.panel.isVisible()
    return window


def turn(window, qtbot, kind, step):
    """Turn a knob by its slider and wait for the picture."""
    before = window.session.radiograph
    window.spoiling.panel.knobs[kind].slider.setValue(step)
    qtbot.waitUntil(lambda: window.session.radiograph is not before, timeout=LONG)
    settle(window, qtbot)


def settle(window, qtbot):
    qtbot.waitUntil(lambda: not window.session.busy, timeout=LONG)


def code(window, qtbot):
    with qtbot.waitSignal(window.session.coding_finished, timeout=LONG):
        window.session.compress()
    qtbot.waitUntil(lambda: not window.session.busy, timeout=LONG)


@pytest.mark.parametrize("kind", ["noise", "pepper", "blocks", "swirl", "blur", "gamma"])
def test_every_slider_spoils_what_is_shown(spoilt, qtbot, kind):
    original = spoilt.session.radiograph
    turn(spoilt, qtbot, kind, 80)
    shown = spoilt.session.radiograph
    assert shown.pixels.shape == original.pixels.shape
    assert (shown.pixels != original.pixels).mean() > 0.01
    assert spoilt.session.spoiling.asked.kinds == (kind,)
    mark = spoilt.panes.original.pane.mark.text()
    assert mark.startswith("SPOILED")
    assert spoilt.session.spoiling.text in mark
    assert "cannot be saved" in spoilt.spoiling.panel.state.text()


def test_the_spoiled_picture_is_coded_and_judged_three_ways(spoilt, qtbot):
    original = spoilt.session.radiograph
    code(spoilt, qtbot)
    turn(spoilt, qtbot, "noise", 30)
    session = spoilt.session
    qtbot.waitUntil(lambda: session.comparison is not None, timeout=LONG)
    spoiling = session.spoiling
    qtbot.waitUntil(lambda: set(spoiling.figures) == {BEFORE, CODED, AFTER}, timeout=LONG)
    spoiled, decoded = session.radiograph, session.comparison.reconstruction
    assert session.comparison.radiograph is spoiled
    depth = PixelFormat(15)
    assert spoiling.figures[BEFORE] == compare(original.pixels, spoiled.pixels, depth)
    assert spoiling.figures[CODED] == compare(spoiled.pixels, decoded.pixels, depth)
    assert spoiling.figures[AFTER] == compare(original.pixels, decoded.pixels, depth)
    shown = [label.text() for label in spoilt.spoiling.panel.figures[AFTER]]
    assert shown[0] == f"{spoiling.figures[AFTER].psnr_db:.1f} dB"
    assert "spoiled picture" in spoilt.panes.reconstruction.pane.mark.text()
    assert "noise" in spoilt.spoiling.panel.as_tsv()


def test_one_click_puts_the_original_back_with_its_codings(spoilt, qtbot):
    session = spoilt.session
    original = session.radiograph
    code(spoilt, qtbot)
    kept = session.workbench.codings.of_image
    assert len(kept) == 1
    turn(spoilt, qtbot, "swirl", 50)
    assert kept[0] not in session.workbench.codings.of_image
    QTest.mouseClick(spoilt.spoiling.panel.undo, Qt.MouseButton.LeftButton)
    assert session.radiograph is original
    assert session.spoiling.text == ""
    assert spoilt.spoiling.panel.knobs["swirl"].slider.value() == 0
    assert not spoilt.actions_by_key["unspoil"].isEnabled()
    settle(spoilt, qtbot)
    qtbot.waitUntil(lambda: session.comparison is not None, timeout=LONG)
    assert session.comparison.radiograph is original
    assert "SPOILED" not in spoilt.panes.original.pane.mark.text()


def test_the_key_puts_the_original_back(spoilt, qtbot):
    original = spoilt.session.radiograph
    turn(spoilt, qtbot, "gamma", 80)
    QTest.keyClick(spoilt, Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    assert spoilt.session.radiograph is original


def test_nothing_spoiled_is_saved_or_exported(spoilt, qtbot, tmp_path):
    code(spoilt, qtbot)
    turn(spoilt, qtbot, "blocks", 50)
    session, told = spoilt.session, []
    session.save_failed.connect(told.append)
    session.save_archive(tmp_path / "a.radz")
    session.export_dicom(tmp_path / "a.dcm")
    for which in ("original", "reconstruction", "difference"):
        session.export_png(tmp_path / f"{which}.png", which)
    session.export_measurements(tmp_path / "a.csv")
    settle(spoilt, qtbot)
    # The menu refuses before it asks where to.
    for key in ("save", "export_dicom", "export_original", "report"):
        spoilt.actions_by_key[key].trigger()
    assert spoilt.banner.isVisible()
    assert len(told) == 10
    assert all("spoiled (50 blocks): put the original back" in sentence for sentence in told)
    assert list(tmp_path.glob("*.*")) == []


def test_a_dragged_slider_is_followed_and_ends_where_it_rests(spoilt, qtbot):
    knob = spoilt.spoiling.panel.knobs["noise"]
    knob.slider.setSliderDown(True)
    for step in range(5, 60, 5):
        knob.slider.setValue(step)
    qtbot.waitUntil(lambda: spoilt.session.spoiling.text != "", timeout=LONG)
    knob.slider.setSliderDown(False)
    settle(spoilt, qtbot)
    assert spoilt.session.spoiling.spoiled.spoiling.noise == knob.way.strength(55)


def test_another_chance_draws_anew(spoilt, qtbot):
    turn(spoilt, qtbot, "noise", 40)
    before = spoilt.session.radiograph
    QTest.mouseClick(spoilt.spoiling.panel.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: spoilt.session.radiograph is not before, timeout=LONG)
    assert not np.array_equal(before.pixels, spoilt.session.radiograph.pixels)


def test_another_image_is_not_spoiled(spoilt, qtbot, small_path):
    turn(spoilt, qtbot, "noise", 40)
    spoilt.session.open_paths([small_path])
    qtbot.waitUntil(lambda: spoilt.session.spoiling.text == "", timeout=LONG)
    qtbot.waitUntil(lambda: spoilt.session.radiograph is not None, timeout=LONG)
    assert spoilt.session.radiograph.header.path == small_path
    assert spoilt.spoiling.panel.knobs["noise"].slider.value() == 0


def test_the_rectangle_and_window_stay(spoilt, qtbot):
    session = spoilt.session
    session.set_box((20, 30, 60, 50))
    session.drag_window(40, 10)
    voi = session.voi
    turn(spoilt, qtbot, "blur", 40)
    assert session.box == (20, 30, 60, 50)
    assert session.voi is voi


def test_strengths_and_steps_of_every_knob_agree(spoilt):
    for knob in spoilt.spoiling.panel.knobs.values():
        way = knob.way
        assert way.strength(way.step(way.neutral)) == way.neutral
        for step in range(0, 101, 10):
            assert abs(way.step(way.strength(step)) - step) <= 1
        assert knob.slider.accessibleName()

"""Frames as a film, turning, overlays and the header window, as a user drives them."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.dicom_files import ramp, write_dicom_file


@pytest.fixture
def film(tmp_path):
    frames = np.stack([np.roll(ramp(40, 60, 12), 7 * each, axis=1) for each in range(5)])
    return write_dicom_file(tmp_path / "film.dcm", frames, bits_stored=12, frames=5, FrameTime=50)


def show(window, qtbot, path):
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([path])
    qtbot.waitUntil(lambda: window.panes.original.pane.shown_values is not None, timeout=5000)
    qtbot.waitUntil(lambda: not window.session.busy, timeout=5000)
    return window.panes.original.pane


def test_the_bar_is_there_for_films_alone(window, qtbot, film, rg1_path):
    show(window, qtbot, film)
    assert window.frame_bar.isVisible()
    assert window.frame_bar.label.text() == "1 / 5"
    assert window.frame_bar.rate.value() == 20
    assert window.actions_by_key["play"].isEnabled()
    show(window, qtbot, rg1_path)
    window.session.select(next(h for h in window.session.library.headers if h.path == rg1_path))
    qtbot.waitUntil(lambda: not window.frame_bar.isVisible(), timeout=5000)
    assert not window.actions_by_key["play"].isEnabled()


def test_keys_and_slider_step_through_frames_and_keep_zoom_and_window(window, qtbot, film):
    show(window, qtbot, film)
    session = window.session
    session.set_view(centre=(10.0, 10.0), scale=3.0)
    voi = session.voi
    QTest.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: session.radiograph is not None and session.radiograph.frame == 1)
    assert (session.view.scale, session.voi) == (3.0, voi)
    assert window.frame_bar.label.text() == "2 / 5"
    QTest.keyClick(window, Qt.Key.Key_Comma)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: session.radiograph is not None and session.radiograph.frame == 4)
    window.frame_bar.slider.setValue(2)
    qtbot.waitUntil(lambda: session.radiograph is not None and session.radiograph.frame == 2)
    assert np.array_equal(session.radiograph.pixels, np.roll(ramp(40, 60, 12), 14, axis=1))


def test_a_film_plays_every_frame_in_turn_and_stops_with_its_image(window, qtbot, film):
    show(window, qtbot, film)
    seen = []
    window.session.image_changed.connect(lambda radiograph: seen.append(radiograph.frame))
    window.frame_bar.rate.setValue(60)
    QTest.keyClick(window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: len(seen) >= 8, timeout=10_000)
    QTest.keyClick(window, Qt.Key.Key_K)
    assert not window.frame_bar.playing
    assert seen[:8] == [1, 2, 3, 4, 0, 1, 2, 3]


@pytest.mark.parametrize("key", ["turn_right", "turn_left", "flip_across", "flip_down"])
def test_turning_moves_picture_letters_cursor_and_rectangle(window, qtbot, tmp_path, mouse, key):
    pixels = ramp(40, 60, 12)
    path = write_dicom_file(
        tmp_path / "x.dcm", pixels, bits_stored=12, PatientOrientation=["L", "F"]
    )
    pane = show(window, qtbot, path)
    session = window.session
    session.set_box((5, 6, 20, 12))
    window.actions_by_key[key].trigger()
    pane.draw_now()
    turn = session.view.turn
    expected = turn.edges(("R", "L", "H", "F"))
    assert pane.overlay.texts.edges == expected
    assert expected != ("R", "L", "H", "F")
    # The pixel under the mouse is the stored one.
    shown = turn.apply(pixels)
    assert (pane.picture.header.rows, pane.picture.header.columns) == shown.shape
    mouse(pane).move(mouse(pane).at(7.5, 3.5))
    column, row = session.view.cursor
    assert pixels[row, column] == shown[3, 7]
    # The rectangle keeps its stored pixels.
    assert session.box == (5, 6, 20, 12)
    x, y, width, height = pane.rectangle.box
    assert (width, height) == ((12, 20) if turn.quarters % 2 else (20, 12))
    assert shown[y : y + height, x : x + width].min() == pixels[6:18, 5:25].min()
    # Turned back, nothing has changed.
    session.set_view(turn=turn.clockwise(0).__class__())
    pane.draw_now()
    assert pane.rectangle.box == (5, 6, 20, 12)


def test_a_rectangle_dragged_on_a_turned_picture(window, qtbot, tmp_path, mouse):
    path = write_dicom_file(tmp_path / "x.dcm", ramp(40, 60, 12), bits_stored=12)
    pane = show(window, qtbot, path)
    window.actions_by_key["turn_right"].trigger()
    pane.draw_now()
    window.session.set_view(tool="box")
    hand = mouse(pane)
    hand.drag(hand.at(2, 4), hand.at(22, 34))
    # Clockwise: what is shown at (x, y) is stored at (y, rows - x).
    assert window.session.box == (4, 18, 30, 20)
    assert pane.rectangle.box == (2, 4, 20, 30)


def test_overlays_are_drawn_until_they_are_switched_off(window, qtbot, pydicom_data):
    pane = show(window, qtbot, pydicom_data / "MR-SIEMENS-DICOM-WithOverlays.dcm")
    pane.draw_now()
    drawn = pane.shown_values.copy()
    assert drawn.ndim == 3
    coloured = (np.ptp(drawn.astype(int), axis=2) > 60).sum()
    assert coloured > 50
    QTest.keyClick(window, Qt.Key.Key_O)
    pane.draw_now()
    assert pane.shown_values.ndim == 2
    assert not window.actions_by_key["overlays"].isChecked()
    assert np.array_equal(
        window.session.radiograph.pixels,
        pydicom.dcmread(pydicom_data / "MR-SIEMENS-DICOM-WithOverlays.dcm").pixel_array,
    )


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_header_window_follows_and_searches(opened, qtbot, film):
    QTest.keyClick(opened, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    header = opened._header_window
    qtbot.waitUntil(lambda: header.model.counts[1] > 20, timeout=5000)
    assert "RG1" in header.windowTitle()
    header.search.setText("photometric")
    assert header.model.counts[0] == 1
    assert header.model.data(header.model.index(0, 3)) == "MONOCHROME1"
    header.search.setText("no such words")
    assert header.model.counts[0] == 0
    header.search.clear()
    show(opened, qtbot, film)
    opened.session.select(next(h for h in opened.session.library.headers if h.path == film))
    qtbot.waitUntil(lambda: header.windowTitle() == "Header of film.dcm", timeout=5000)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_header_of_a_refused_file(window, qtbot, tmp_path):
    path = write_dicom_file(tmp_path / "plan.dcm", PixelData=None)
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths([path])
    (label,) = window.studies.refusals._labels.values()
    QTest.mouseDClick(label, Qt.MouseButton.LeftButton)
    header = window._header_window
    qtbot.waitUntil(lambda: header.model.counts[1] > 10, timeout=5000)
    header.search.setText("T1")
    assert header.model.counts[0] >= 1

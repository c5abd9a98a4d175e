"""Two pictures in one pane, as a reader drives them: keys, sliders, a border that is dragged."""

from __future__ import annotations

import time
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from viewer.codecs.base import Target
from viewer.ui.composed import ComposedPicture

WAIT = 20_000
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def settle(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=WAIT)


@pytest.fixture
def compared(small, qtbot):
    small.session.set_codec("jpeg2000")
    small.session.set_target(Target("bpp", 0.05))
    with qtbot.waitSignal(small.session.coding_finished, timeout=WAIT):
        small.session.compress()
    QTest.keyClick(small, "2", Qt.KeyboardModifier.AltModifier)
    settle(small, qtbot)
    return small


def alone(window):
    """Return both pictures as they are drawn by themselves."""
    original, own = window.panes.frames
    picture = own.pane.picture
    geometry = own.pane.geometry_of_image
    own_picture = picture.own if isinstance(picture, ComposedPicture) else picture
    return original.pane.picture.draw(geometry).values, own_picture.draw(geometry).values


@pytest.mark.parametrize("mode", ["swipe", "blend", "checkerboard"])
def test_modes_come_and_go_with_their_key(compared, qtbot, mode):
    action = compared.actions_by_key[mode]
    frame = compared.panes.reconstruction
    lossy = frame.pane.mark.text()
    QTest.keyClick(compared, action.shortcut()[0].key())
    settle(compared, qtbot)
    assert action.isChecked()
    assert frame.title == "ORIGINAL | RECONSTRUCTION"
    assert frame._details == (mode,)
    assert frame.pane.mark.text() == lossy
    assert compared.workbench.bar.modes[mode].isVisible()
    assert frame.pane.shown_values is not None
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    settle(compared, qtbot)
    assert not action.isChecked()
    assert frame.title == "RECONSTRUCTION"
    assert not compared.workbench.bar.modes[mode].isVisible()
    assert np.array_equal(frame.pane.shown_values, alone(compared)[1])


def test_one_mode_takes_the_place_of_another(compared, qtbot):
    for key in (Qt.Key.Key_S, Qt.Key.Key_T, Qt.Key.Key_B):
        QTest.keyClick(compared, key)
    checked = [m for m in ("swipe", "blend", "blink") if compared.actions_by_key[m].isChecked()]
    assert checked == ["blink"]
    assert compared.panes.in_one.blinking


def test_the_border_of_a_swipe_is_dragged(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_S)
    settle(compared, qtbot)
    pane = compared.panes.reconstruction.pane
    voi, view = compared.session.voi, compared.session.view
    hand = mouse(pane)
    width = pane.viewport().width()
    start = QPoint(width // 2 + 3, 200)
    hand.drag(start, QPoint(start.x() - 100, 240))
    settle(compared, qtbot)
    assert compared.panes.in_one.divider * width == pytest.approx(width / 2 - 100, abs=1.5)
    # Neither the tool nor the view was at work.
    assert compared.session.voi is voi
    assert compared.session.view.centre == view.centre
    original, own = alone(compared)
    left = pane.geometry_of_image.device_rectangle()[0]
    border = round(compared.panes.in_one.divider * width) - left
    assert np.array_equal(pane.shown_values[:, :border], original[:, :border])
    assert np.array_equal(pane.shown_values[:, border:], own[:, border:])
    assert not np.array_equal(original[:, :border], own[:, :border])
    # The cursor says that it can be dragged; a double click brings it back.
    at = QPoint(round(compared.panes.in_one.divider * width), 220)
    hand.move(at)
    assert hand.target.cursor().shape() == Qt.CursorShape.SplitHCursor
    hand.double_click(at)
    assert compared.panes.in_one.divider == 0.5
    assert compared.session.view.centre == view.centre
    hand.move(QPoint(20, 200))
    assert hand.target.cursor().shape() == Qt.CursorShape.ArrowCursor
    # Beside the border the tool works as always.
    hand.drag(QPoint(30, 200), QPoint(60, 200))
    assert compared.session.voi is not voi


def test_the_swipe_slider_moves_the_border_to_the_ends(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_S)
    slider = compared.workbench.bar.modes["swipe"].slider
    pane = compared.panes.reconstruction.pane
    original, own = alone(compared)
    slider.setFocus()
    for key, expected in ((Qt.Key.Key_Home, own), (Qt.Key.Key_End, original)):
        QTest.keyClick(slider, key)
        settle(compared, qtbot)
        assert np.array_equal(pane.shown_values, expected)


def test_opacity(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_T)
    adjuster = compared.workbench.bar.modes["blend"]
    pane = compared.panes.reconstruction.pane
    original, own = (each.astype(float) for each in alone(compared))
    for share in (0, 50, 150, 200):
        adjuster.slider.setValue(share)
        settle(compared, qtbot)
        opacity = share / 200
        assert adjuster.value_text.text() == f"{100 * opacity:.0f} %"
        expected = opacity * own + (1 - opacity) * original
        assert np.abs(pane.shown_values - expected).max() <= 0.51


def test_squares_of_any_size_alternate(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_X)
    adjuster = compared.workbench.bar.modes["checkerboard"]
    pane = compared.panes.reconstruction.pane
    for end in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Up):
        QTest.keyClick(adjuster.slider, end)
        settle(compared, qtbot)
        tile = compared.panes.in_one.tile
        assert adjuster.value_text.text() == f"{tile} px"
        original, own = alone(compared)
        left, top, _, _ = pane.geometry_of_image.device_rectangle()
        rows, columns = np.indices(own.shape)
        square = (rows + top) // tile + (columns + left) // tile
        expected = np.where(square % 2 == 0, original, own)
        assert np.array_equal(pane.shown_values, expected)
    assert compared.panes.in_one.tile == 11


def test_blinking_keeps_its_rate(compared, qtbot):
    pane = compared.panes.reconstruction.pane
    own, original = pane.picture, compared.panes.original.pane.picture
    QTest.keyClick(compared, Qt.Key.Key_B)
    adjuster = compared.workbench.bar.modes["blink"]
    adjuster.slider.setValue(adjuster.slider.maximum())
    assert adjuster.value_text.text() == "10.0 Hz"
    turns = []
    compared.panes.in_one.flipped.connect(lambda: turns.append((time.perf_counter(), pane.picture)))
    qtbot.waitUntil(lambda: len(turns) >= 11, timeout=WAIT)
    assert {picture for _, picture in turns} == {own, original}
    assert all(a[1] is not b[1] for a, b in pairwise(turns))
    # What else the machine does may hold up one turn, not most.
    assert 0.07 < median(b[0] - a[0] for a, b in pairwise(turns)) < 0.2
    QTest.keyClick(compared, Qt.Key.Key_B)
    assert pane.picture is own


def test_space_flips_while_held_in_any_mode(compared, qtbot):
    pane = compared.panes.reconstruction.pane
    original = compared.panes.original.pane.picture
    for key in (Qt.Key.Key_S, Qt.Key.Key_T):
        QTest.keyClick(compared, key)
        composed = pane.picture
        assert isinstance(composed, ComposedPicture)
        QTest.keyPress(compared, Qt.Key.Key_Space)
        assert pane.picture is original
        assert not pane.mark.isVisible()
        QTest.keyRelease(compared, Qt.Key.Key_Space)
        assert isinstance(pane.picture, ComposedPicture)
        assert pane.mark.isVisible()


def test_window_level_reaches_both_parts(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_S)
    settle(compared, qtbot)
    pane = compared.panes.reconstruction.pane
    before = pane.shown_values.copy()
    mouse(pane).drag(QPoint(40, 100), QPoint(20, 160), Qt.MouseButton.RightButton)
    settle(compared, qtbot)
    middle = before.shape[1] // 2
    for half in (np.s_[:, : middle - 5], np.s_[:, middle + 5 :]):
        assert not np.array_equal(pane.shown_values[half], before[half])


def test_two_codings_are_compared_with_each_other(compared, qtbot):
    first = compared.session.comparison
    compared.session.set_target(Target("bpp", 1.0))
    with qtbot.waitSignal(compared.session.coding_finished, timeout=WAIT):
        compared.session.compress()
    settle(compared, qtbot)
    frame = compared.panes.reconstruction
    menu = frame.chooser.menu()
    menu.aboutToShow.emit()
    (partners,) = [a.menu() for a in menu.actions() if a.text() == "Blink and swipe with"]
    (wanted,) = [a for a in partners.actions() if a.text().startswith("1  JPEG 2000")]
    wanted.trigger()
    QTest.keyPress(compared, Qt.Key.Key_Space)
    assert frame.pane.picture.radiograph is first.reconstruction
    assert frame.title == "1  JPEG 2000"
    assert frame.pane.mark.isVisible()
    QTest.keyRelease(compared, Qt.Key.Key_Space)


def test_without_a_coding_there_is_nothing_to_put_together(small):
    for mode in ("blink", "swipe", "blend", "checkerboard"):
        assert not small.actions_by_key[mode].isEnabled()
    QTest.keyClick(small, Qt.Key.Key_S)
    assert small.panes.in_one.mode == ""


def test_rate_and_squares_are_remembered(compared, open_window):
    compared.panes.in_one.set_rate(4.0)
    compared.panes.in_one.set_tile(32)
    compared.close()
    again = open_window().panes.in_one
    assert (again.rate, again.tile) == (4.0, 32)

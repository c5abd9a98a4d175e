"""Loupe, second window and full screen, as a user drives them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.codecs.base import Target
from viewer.images import display
from viewer.ui.contents.content import Content
from viewer.ui.workbench.second_window import SecondWindow

WAIT = 20_000
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def settle(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=WAIT)


def wheel(hand, spot, steps, modifiers=Qt.KeyboardModifier.NoModifier):
    event = QWheelEvent(
        QPointF(spot), hand.target.mapToGlobal(QPointF(spot)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(hand.target, event)


@pytest.fixture
def compared(small, qtbot):
    small.session.set_target(Target("bpp", 0.2))
    with qtbot.waitSignal(small.session.coding_finished, timeout=WAIT):
        small.session.compress()
    settle(small, qtbot)
    return small


def test_the_loupe_shows_the_place_larger_on_every_pane(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_U)
    loupe = compared.workbench.loupe
    original, decoded, _ = (frame.pane for frame in compared.panes.frames)
    hand = mouse(original)
    scale = original.geometry_of_image.scale_x
    # As many screen pixels a pixel as can be counted.
    while loupe.zoom * scale < 2:
        QTest.keyClick(compared, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    column, row = 450, 500
    spot = hand.at(column + 0.5, row + 0.5)
    hand.move(spot)
    assert loupe.at == pytest.approx(original.geometry_of_image.to_image(spot.x(), spot.y()))
    header, voi = compared.session.header, compared.session.voi
    for pane, pixels in (
        (original, compared.session.radiograph.pixels),
        (decoded, compared.session.comparison.reconstruction.pixels),
    ):
        picture = pane.viewport().grab().toImage()
        table = display.grey_table(header, voi, pixels.dtype)
        here = pane.geometry_of_image.to_screen(*loupe.at)
        for way in (-40, -21, 25, 44):
            x = round(here[0]) + way
            y = round(here[1]) + 17
            enlarged = scale * loupe.zoom
            at_x = loupe.at[0] + (x + 0.5 - here[0]) / enlarged
            at_y = loupe.at[1] + (y + 0.5 - here[1]) / enlarged
            around = table.apply(
                pixels[int(at_y) - 1 : int(at_y) + 2, int(at_x) - 1 : int(at_x) + 2]
            )
            grey = picture.pixelColor(x, y).red()
            assert around.min() - 1 <= grey <= around.max() + 1
    before = original.viewport().grab().toImage()
    hand.target.setMouseTracking(True)
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    assert not loupe.on
    assert not compared.actions_by_key["loupe"].isChecked()
    assert original.viewport().grab().toImage() != before


def test_wheel_and_keys_step_zoom_and_size(compared, qtbot, mouse):
    loupe = compared.workbench.loupe
    hand = mouse(compared.panes.original.pane)
    spot = hand.at(450, 450)
    assert not compared.actions_by_key["loupe_larger"].isEnabled()
    QTest.keyClick(compared, Qt.Key.Key_U)
    hand.move(spot)
    scale = compared.session.view.scale
    side, zoom = loupe.side, loupe.zoom
    wheel(hand, spot, 1)
    assert loupe.zoom > zoom
    wheel(hand, spot, -1)
    assert loupe.zoom == zoom
    wheel(hand, spot, 1, Qt.KeyboardModifier.ShiftModifier)
    assert loupe.side > side
    QTest.keyClick(compared, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert loupe.side == side
    QTest.keyClick(compared, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert loupe.zoom < zoom
    for _ in range(20):
        wheel(hand, spot, 1)
    assert loupe.zoom == 16
    assert compared.session.view.scale == scale
    QTest.keyClick(compared, Qt.Key.Key_U)
    wheel(hand, spot, 1)
    assert compared.session.view.scale is not None


def test_size_and_zoom_are_remembered(compared, open_window):
    compared.workbench.loupe.resize(1)
    compared.workbench.loupe.magnify(1)
    kept = compared.workbench.loupe.side, compared.workbench.loupe.zoom
    compared.close()
    again = open_window().workbench.loupe
    assert (again.side, again.zoom) == kept


def test_the_cursor_is_mirrored_in_every_pane_of_every_window(compared, qtbot, mouse):
    compared.actions_by_key["layout_4"].trigger()
    QTest.keyClick(compared, Qt.Key.Key_F12)
    settle(compared, qtbot)
    frames = compared.panes.frames
    assert len(frames) == 5
    for frame in frames:
        hand = mouse(frame.pane)
        hand.move(hand.at(350.5, 401.5))
        pixel = compared.session.view.cursor
        crossed = [other.pane.cross for other in frames]
        assert crossed.count(pixel) == 4
        assert frame.pane.cross is None


def test_a_second_window_follows_and_closes(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_F12)
    second = compared.workbench.second
    assert isinstance(second, SecondWindow)
    assert second.isVisible()
    assert compared.actions_by_key["second_window"].isChecked()
    settle(compared, qtbot)
    pane = second.frame.pane
    assert pane.picture.radiograph is compared.session.comparison.reconstruction
    assert pane.mark.isVisible()
    compared.panes.choose(second.frame, Content("ssim"))
    settle(compared, qtbot)
    assert second.frame.title == "SSIM MAP"
    # What is done in one is seen in the other, both ways.
    hand = mouse(pane)
    hand.wheel(hand.at(400, 400), 4)
    settle(compared, qtbot)
    assert compared.panes.original.pane.geometry_of_image.scale_x == pane.geometry_of_image.scale_x
    QTest.keyClick(second, Qt.Key.Key_F)
    assert compared.session.view.scale is None
    QTest.keyPress(second, Qt.Key.Key_Space)
    assert compared.panes.in_one.shows_other
    QTest.keyRelease(second, Qt.Key.Key_Space)
    assert not compared.panes.in_one.shows_other
    second.close()
    assert compared.workbench.second is None
    assert not compared.actions_by_key["second_window"].isChecked()
    assert len(compared.panes.frames) == 3
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(compared.isActiveWindow)
    mouse(compared.panes.original.pane).wheel(QPoint(50, 50), 1)
    settle(compared, qtbot)
    # Again, with what it showed last; and it goes with the window.
    QTest.keyClick(compared, Qt.Key.Key_F12)
    settle(compared, qtbot)
    again = compared.workbench.second
    assert compared.panes.content(again.frame) == Content("ssim")
    compared.close()
    assert not again.isVisible()


def test_full_screen_leaves_the_panes_alone_and_comes_back(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_F8)
    around = [compared.tool_bar, compared.menuBar(), compared.statusBar(), compared.coding_dock,
              compared.studies_dock, compared.workbench.blocks_dock]  # fmt: skip
    before = [not widget.isHidden() for widget in around]
    QTest.keyClick(compared, Qt.Key.Key_F11)
    assert compared.isFullScreen()
    assert all(widget.isHidden() for widget in around)
    # Keys work without the menus they are in.
    QTest.keyClick(compared, "4", Qt.KeyboardModifier.AltModifier)
    settle(compared, qtbot)
    assert len(compared.panes.frames) == 4
    shares = np.array([frame.pane.shown_values.size for frame in compared.panes.frames])
    assert (shares > 0).all()
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    assert not compared.isFullScreen()
    assert [not widget.isHidden() for widget in around] == before


def test_a_window_closed_in_full_screen_opens_with_its_docks(compared, open_window):
    QTest.keyClick(compared, Qt.Key.Key_F11)
    compared.close()
    again = open_window()
    assert not again.isFullScreen()
    assert not again.coding_dock.isHidden()
    assert not again.tool_bar.isHidden()

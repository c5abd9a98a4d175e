"""Three linked panes on a real radiograph."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from viewer.codecs.base import Target
from viewer.images import display
from viewer.images.radiograph import Window
from viewer.ui.geometry import Geometry


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=20_000):
        opened.session.compress()
    drawn(opened, qtbot)
    return opened


def drawn(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=10_000)


def test_polarity_air_is_dark(opened):
    """RG1 is MONOCHROME1: its high stored values are air, and must be black on the screen."""
    header, pixels = opened.session.header, opened.session.radiograph.pixels
    assert header.photometric == "MONOCHROME1"
    shown = opened.panes.original.pane.shown_values
    geometry = opened.panes.original.pane.geometry_of_image
    air = np.argwhere(pixels > np.percentile(pixels, 99.5))
    bone = np.argwhere(pixels < np.percentile(pixels, 5))
    x0, y0, _, _ = geometry.device_rectangle()

    def mean(places):
        spots = [geometry.to_screen(x + 0.5, y + 0.5) for y, x in places[::50]]
        return np.mean([
            shown[min(int(y) - y0, shown.shape[0] - 1), min(int(x) - x0, shown.shape[1] - 1)]
            for x, y in spots
        ])  # fmt: skip

    assert mean(air) < 80
    assert mean(bone) > 180


def test_one_to_one_is_exact_to_the_pixel_on_the_screen(opened, qtbot, mouse):
    pane = opened.panes.original.pane
    hand = mouse(pane)
    hand.double_click(hand.at(900, 1000))
    drawn(opened, qtbot)
    geometry = pane.geometry_of_image
    assert geometry.device_scale == 1
    left, top = geometry.to_image(0, 0)
    assert (left, top) == (round(left), round(top))
    expected = display.grey_table(
        opened.session.header, opened.session.voi, opened.session.radiograph.pixels.dtype
    ).apply(opened.session.radiograph.pixels)
    picture = pane.viewport().grab().toImage()
    for x, y in ((60, 200), (100, 300), (120, 250), (140, 420)):
        column, row = geometry.pixel_at(x + 0.5, y + 0.5)
        grey = picture.pixelColor(x, y)
        assert grey.red() == grey.green() == grey.blue() == expected[row, column]
    assert pane.overlay.texts.lower_right == ["100 % pixels"]
    hand.double_click(QPoint(50, 60))
    assert opened.session.view.scale is None


def test_zoom_and_pan_move_all_panes(compared, qtbot, mouse):
    panes = [frame.pane for frame in compared.panes.frames]
    hand = mouse(panes[1])
    spot = hand.at(600, 700)
    hand.wheel(spot, 3)
    drawn(compared, qtbot)
    places = {pane.geometry_of_image.scale_x for pane in panes}
    assert places == {compared.session.view.scale}
    x, y = panes[1].geometry_of_image.to_image(spot.x(), spot.y())
    assert abs(x - 600) < 8
    assert abs(y - 700) < 8
    before = compared.session.view.centre
    hand.drag(spot, spot + QPoint(30, -20), Qt.MouseButton.MiddleButton)
    moved = compared.session.view
    assert moved.centre[0] == pytest.approx(before[0] - 30 / moved.scale, abs=2)
    assert moved.centre[1] == pytest.approx(before[1] + 20 / moved.scale, abs=2)
    assert len({pane.geometry_of_image.centre for pane in panes}) == 1
    QTest.keyClick(compared, Qt.Key.Key_F)
    assert compared.session.view.scale is None
    assert len({pane.geometry_of_image.scale_x for pane in panes}) == 1


def test_window_drag_is_shared_by_original_and_reconstruction(compared, qtbot, mouse):
    before = compared.session.voi
    greys = [f.pane.shown_values.copy() for f in compared.panes.frames]
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(800, 800), hand.at(800, 800) + QPoint(-60, 25), Qt.MouseButton.RightButton)
    after = compared.session.voi
    assert isinstance(after, Window)
    assert after.width < before.width
    assert after.centre > before.centre
    drawn(compared, qtbot)
    first, second, third = (f.pane.shown_values for f in compared.panes.frames)
    assert not np.array_equal(first, greys[0])
    assert not np.array_equal(second, greys[1])
    assert np.array_equal(third, greys[2])
    shown = f"W {after.width:.0f}  L {after.centre:.0f}"
    assert compared.panes.original.pane.overlay.texts.lower_left == [shown]
    assert compared.status.window_text.text() == shown


def test_cursor_tells_values_in_all_panes(compared, mouse):
    for frame in compared.panes.frames:
        hand = mouse(frame.pane)
        spot = hand.at(1000.5, 900.5)
        hand.move(spot)
        x, y = compared.session.view.cursor
        header = compared.session.header
        original = display.modality_value(header, compared.session.radiograph.pixels[y, x])
        decoded = display.modality_value(
            header, compared.session.comparison.reconstruction.pixels[y, x]
        )
        assert (
            f"x {x}  y {y}   {original:.0f} → {decoded:.0f}" in compared.status.cursor_text.text()
        )
        crossed = [other.pane.cross for other in compared.panes.frames]
        assert crossed.count((x, y)) == 2
        assert frame.pane.cross is None


def test_space_flips_and_blink_alternates(compared, qtbot):
    middle = compared.panes.reconstruction
    original, decoded = compared.panes.original.pane.picture, middle.pane.picture
    assert original is not decoded
    lossy = middle.pane.mark.text()
    for focused in (compared.studies.tree, compared.coding.target.slider):
        QTest.keyPress(focused, Qt.Key.Key_Space)
        assert middle.pane.picture is original
        QTest.keyRelease(focused, Qt.Key.Key_Space)
        assert middle.pane.picture is decoded
    QTest.keyPress(compared.panes.original.pane, Qt.Key.Key_Space)
    assert middle.pane.picture is original
    assert middle.title == "ORIGINAL"
    assert not middle.pane.mark.isVisible()
    QTest.keyRelease(compared.panes.original.pane, Qt.Key.Key_Space)
    assert middle.pane.picture is decoded
    assert middle.pane.mark.text() == lossy
    QTest.keyClick(compared, Qt.Key.Key_B)
    assert middle.pane.picture is original
    qtbot.waitUntil(lambda: middle.pane.picture is decoded, timeout=3000)
    qtbot.waitUntil(lambda: middle.pane.picture is original, timeout=3000)
    QTest.keyClick(compared, Qt.Key.Key_B)
    assert middle.pane.picture is decoded


def test_difference_sign_gain_and_scale(compared, qtbot):
    pane = compared.panes.difference.pane
    picture = pane.picture
    errors = compared.session.comparison.reconstruction.pixels.astype(int) - (
        compared.session.radiograph.pixels.astype(int)
    )
    seen = np.percentile(np.abs(errors), 99.9)
    assert picture.gain * seen <= picture.map.peak * 1.02
    assert f"×{picture.gain:.0f}" in compared.panes.difference.detail
    assert "signed" in compared.panes.difference._details[0]
    low, high = pane.overlay.scale.low, pane.overlay.scale.high
    assert high.startswith("+")
    assert low.startswith("−")
    start = picture.gain
    QTest.keyClick(compared, Qt.Key.Key_BracketRight)
    assert picture.gain == 2 * start
    QTest.keyClick(compared, Qt.Key.Key_D)
    drawn(compared, qtbot)
    assert not pane.picture.signed
    assert pane.picture.gain == start
    assert pane.overlay.scale.low == "0"
    QTest.keyClick(compared, Qt.Key.Key_BracketLeft)
    assert pane.picture.gain == start / 2
    QTest.keyClick(compared, Qt.Key.Key_Backslash)
    assert pane.picture.gain == start


def test_a_drag_on_the_difference_changes_its_own_gain(compared, mouse):
    picture, voi = compared.panes.difference.pane.picture, compared.session.voi
    start = picture.gain
    hand = mouse(compared.panes.difference.pane)
    middle = QPoint(60, 300)
    hand.drag(middle, middle - QPoint(0, 70), Qt.MouseButton.RightButton)
    assert picture.gain == 4 * start
    assert compared.session.voi is voi


def test_interpolation_is_stated(compared):
    assert compared.panes.original.pane.overlay.texts.lower_right[0].endswith("% smoothed")
    assert compared.panes.difference.pane.overlay.texts.lower_right[0].endswith("% strongest")


def test_the_mark_can_be_moved_but_not_removed(compared, open_window, mouse):
    mark = compared.panes.reconstruction.pane.mark
    assert mark.isVisible()
    room = compared.panes.reconstruction.pane.size()
    start = QPoint(mark.width() // 2, mark.height() // 2)
    target = QPoint(30, room.height() - 20)
    QTest.mousePress(mark, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(mark, mark.mapFrom(compared.panes.reconstruction.pane, target))
    QTest.mouseRelease(
        mark,
        Qt.MouseButton.LeftButton,
        pos=mark.mapFrom(compared.panes.reconstruction.pane, target),
    )
    assert mark.corner.value == "lower left"
    assert mark.isVisible()
    assert mark.geometry().center().y() > room.height() / 2
    again = open_window()
    assert again.panes.reconstruction.pane.mark.corner.value == "lower left"


def test_a_lossless_result_says_so(opened, qtbot):
    opened.session.set_target(Target("lossless"))
    with qtbot.waitSignal(opened.session.coding_finished, timeout=20_000):
        opened.session.compress()
    comparison = opened.session.comparison
    mark = opened.panes.reconstruction.pane.mark
    assert mark.text() == f"lossless {comparison.ratio_stored:.1f}:1"
    drawn(opened, qtbot)
    assert opened.panes.difference.pane.message == "No difference: every pixel is equal."
    assert opened.coding.figures.fidelity.value("psnr") == "identical"


def test_panes_say_what_would_fill_them(opened):
    assert "Press C" in opened.panes.reconstruction.pane.message
    assert opened.panes.difference.pane.message


def test_pixel_aspect_is_honoured():
    geometry = Geometry(100, 100, 2.0, 400, 400)
    assert geometry.scale_y == 2 * geometry.scale_x
    assert geometry.scale_y * 100 == 400

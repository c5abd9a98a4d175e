"""Measurements drawn as a user does, on a real radiograph, and their figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.ui.measured import only, result
from viewer.images.display import modality_value
from viewer.metrics.measuring.scale import scale_of


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=60_000):
        opened.session.compress()
    # The difference is a map: computed in a job of its own, there only when the panes are settled.
    qtbot.waitUntil(lambda: opened.panes.settled, timeout=30_000)
    return opened


def test_a_length_is_dragged_and_shown_on_every_pane(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_L)
    assert compared.session.view.tool == "length"
    pane = compared.panes.reconstruction.pane
    hand = mouse(pane)
    hand.drag(hand.at(500, 400), hand.at(1100, 900))
    found = result(compared, qtbot)
    scale = scale_of(compared.session.header)
    x0, y0 = pane.geometry_of_image.to_image(*hand.at(500, 400).toTuple())
    x1, y1 = pane.geometry_of_image.to_image(*hand.at(1100, 900).toTuple())
    wanted = math.hypot((x1 - x0) * scale.x, (y1 - y0) * scale.y)
    assert found.get("length").original == pytest.approx(wanted)
    assert found.get("length").unit == scale.unit
    # The difference is computed by a job of its own.
    qtbot.waitUntil(lambda: all(f.pane.picture for f in compared.panes.frames), timeout=30_000)
    for frame in compared.panes.frames:
        compared.measuring.hand.layer.hit(frame.pane, QPointF())  # nothing there, no failure
        frame.pane.repaint()
        frame.pane.viewport().grab()
        label = compared.measuring.hand.layer.labels[frame.pane][1]
        assert frame.pane.viewport().rect().contains(label.toAlignedRect())


def test_a_click_is_no_length_but_two_clicks_are(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand = mouse(compared.panes.original.pane)
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=hand.at(500, 400))
    assert len(compared.session.measuring.measurements) == 1  # a preview, not kept
    assert not compared.measuring.hand.undo_group.canUndo()
    hand.move(hand.at(900, 400))
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=hand.at(1000, 400))
    assert compared.measuring.hand.undo_group.canUndo()
    (x0, _), (x1, _) = only(compared).shape.points
    assert x1 - x0 == pytest.approx(500, abs=8)


def test_an_angle_is_a_drag_and_a_click(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_A)
    hand = mouse(compared.panes.original.pane)
    vertex = hand.at(800, 800)
    hand.drag(vertex + QPoint(100, 0), vertex)
    hand.move(vertex + QPoint(20, -60))
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=vertex + QPoint(0, -80))
    found = result(compared, qtbot)
    assert found.get("angle").original == pytest.approx(90, abs=0.5)
    assert only(compared).shape.kind == "angle"


def test_a_cobb_angle_is_two_drags(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    hand = mouse(compared.panes.original.pane)
    one, two = hand.at(600, 500), hand.at(600, 1000)
    hand.drag(one, one + QPoint(100, 0))
    hand.drag(two, two + QPoint(100, 100))
    assert result(compared, qtbot).get("angle").original == pytest.approx(45, abs=0.5)


def test_a_rectangle_measures_both_pictures_and_their_difference(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    hand = mouse(compared.panes.difference.pane)
    hand.drag(hand.at(600, 700), hand.at(900, 1000))
    found = result(compared, qtbot)
    left, top, right, bottom = (int(v) for v in only(compared).shape.bounds)
    header = compared.session.header
    first = compared.session.radiograph.pixels[top:bottom, left:right]
    second = compared.session.comparison.reconstruction.pixels[top:bottom, left:right]
    mean = found.get("mean")
    assert mean.original == pytest.approx(modality_value(header, first.mean()))
    assert mean.reconstruction == pytest.approx(modality_value(header, second.mean()))
    assert mean.difference == pytest.approx(mean.reconstruction - mean.original)
    errors = second.astype(int) - first.astype(int)
    peak = 2**header.bits_stored - 1
    assert found.get("psnr").difference == pytest.approx(
        10 * np.log10(peak**2 / np.mean(errors**2.0))
    )
    assert 0 < found.get("ssim").difference < 1
    assert compared.measuring.table.table.topLevelItemCount() == 1


def test_the_roi_is_kept_with_its_own_figures(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_R)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(600, 700), hand.at(900, 1000))
    qtbot.waitUntil(lambda: compared.session.box_figures is not None, timeout=30_000)
    QTest.keyClick(compared, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    found = result(compared, qtbot)
    figures = compared.session.box_figures
    assert found.get("psnr").difference == pytest.approx(figures.psnr_db)
    assert found.get("ssim").difference == pytest.approx(figures.ssim, abs=1e-6)
    assert found.get("pixels").original == compared.session.box[2] * compared.session.box[3]


@pytest.mark.parametrize(("key", "kind"), [(Qt.Key.Key_E, "ellipse"), (Qt.Key.Key_G, "freehand")])
def test_regions_of_other_forms(compared, qtbot, mouse, key, kind):
    QTest.keyClick(compared, key)
    hand = mouse(compared.panes.original.pane)
    start = hand.at(700, 700)
    if kind == "ellipse":
        hand.drag(start, start + QPoint(90, 60))
    else:
        QTest.mousePress(hand.target, Qt.MouseButton.LeftButton, pos=start)
        for way in (QPoint(40, 0), QPoint(90, 10), QPoint(80, 60), QPoint(10, 60), QPoint(0, 20)):
            hand.move(start + way, Qt.MouseButton.LeftButton)
        QTest.mouseRelease(hand.target, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 20))
    found = result(compared, qtbot)
    assert only(compared).shape.kind == kind
    assert found.get("mean").reconstruction is not None
    assert found.get("psnr").difference > 20
    assert found.histogram.original.sum() == found.get("pixels").original


def test_a_profile_opens_its_plot_with_both_lines(compared, qtbot, mouse):
    assert compared.measuring.plots_dock.isHidden()
    QTest.keyClick(compared, Qt.Key.Key_I)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(300, 800), hand.at(1500, 800))
    curve = result(compared, qtbot).profile
    assert not compared.measuring.plots_dock.isHidden()
    plots = compared.measuring.plots
    assert np.array_equal(plots.original.getData()[1], curve.original)
    assert np.array_equal(plots.reconstruction.getData()[1], curve.reconstruction)
    assert plots.as_tsv().splitlines()[0].split("\t")[1:] == ["original", "reconstruction"]
    assert len(plots.as_tsv().splitlines()) == len(curve.distance) + 1


def test_a_probe_reads_what_the_cursor_says(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_N)
    hand = mouse(compared.panes.original.pane)
    spot = hand.at(1000, 900)
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=spot)
    hand.move(spot)
    x, y = compared.session.view.cursor
    value = result(compared, qtbot).get("value")
    header = compared.session.header
    assert value.original == modality_value(header, compared.session.radiograph.pixels[y, x])


def test_figures_come_while_the_mouse_is_still_down(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_E)
    hand = mouse(compared.panes.original.pane)
    start = hand.at(600, 600)
    QTest.mousePress(hand.target, Qt.MouseButton.LeftButton, pos=start)
    measuring = compared.session.measuring
    seen = []
    for way in (40, 70):
        hand.move(start + QPoint(way, way), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: measuring.result(1) is not None, timeout=30_000)
        seen.append(measuring.result(1).get("mean").reconstruction)
        assert measuring.result(1).get("ssim") is None  # comes when it is let go
    assert seen[0] != seen[1]
    QTest.mouseRelease(hand.target, Qt.MouseButton.LeftButton, pos=start + QPoint(70, 70))
    assert result(compared, qtbot).get("psnr") is not None
    qtbot.waitUntil(lambda: measuring.result(1).get("ssim") is not None, timeout=30_000)

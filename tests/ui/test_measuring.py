"""Measurements drawn, changed and taken away as a user does, on a real radiograph."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from viewer.images.display import modality_value
from viewer.images.turning import Turn
from viewer.metrics.measuring.scale import scale_of
from viewer.ui.pane_frame import PaneFrame


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=20_000):
        opened.session.compress()
    qtbot.waitUntil(lambda: all(not frame.pane.pending for frame in opened.panes.frames))
    return opened


def settled(window, qtbot):
    """Wait until every measurement has its figures, SSIM included."""
    measuring = window.session.measuring
    qtbot.waitUntil(
        lambda: (
            not window.session.queue.busy("measuring")
            and all(measuring.result(m.number) is not None for m in measuring.measurements)
        ),
        timeout=30_000,
    )


def only(window):
    (measurement,) = window.session.measuring.measurements
    return measurement


def result(window, qtbot, number=None):
    settled(window, qtbot)
    measuring = window.session.measuring
    return measuring.result(number or measuring.measurements[-1].number)


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


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_pane_of_another_window_is_measured_too(compared, qtbot, mouse):
    frame = PaneFrame("Elsewhere")
    qtbot.addWidget(frame)
    frame.resize(400, 400)
    compared.panes.add(frame)
    frame.show()
    assert compared.measuring.hand.layer in frame.pane.layers
    compared.panes.remove(frame)


def test_a_handle_changes_the_shape_and_the_body_moves_it(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_L)
    pane = compared.panes.original.pane
    hand = mouse(pane)
    hand.drag(hand.at(500, 500), hand.at(900, 500))
    QTest.keyClick(compared, Qt.Key.Key_W)
    voi = compared.session.voi
    hand.drag(hand.at(900, 500), hand.at(900, 900))
    first, second = only(compared).shape.points
    assert second == pytest.approx((900, 900), abs=8)
    assert first == pytest.approx((500, 500), abs=8)
    middle = hand.at(700, 700)
    before = only(compared).shape
    hand.drag(middle, middle + QPoint(20, -30))
    after = only(compared).shape
    moved = {
        (round(b[0] - a[0], 6), round(b[1] - a[1], 6))
        for a, b in zip(before.points, after.points, strict=True)
    }
    assert len(moved) == 1
    assert compared.session.voi is voi  # the drags were for the line, not for window and level
    length = result(compared, qtbot).get("length").original
    for _ in range(2):
        QTest.keyClick(compared, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert only(compared).shape.points[1] == pytest.approx((900, 500), abs=8)
    QTest.keyClick(compared, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(compared, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert only(compared).shape == after
    assert result(compared, qtbot).get("length").original == length


def test_the_mouse_shows_what_it_could_take_hold_of(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 500), hand.at(900, 500))
    QTest.keyClick(compared, Qt.Key.Key_W)
    shapes = []
    for spot in (hand.at(500, 500), hand.at(700, 500), hand.at(700, 1200)):
        hand.move(spot)
        shapes.append(hand.target.cursor().shape())
    assert shapes == [
        Qt.CursorShape.PointingHandCursor, Qt.CursorShape.SizeAllCursor, Qt.CursorShape.ArrowCursor,
    ]  # fmt: skip


def test_quick_clicks_while_drawing_do_not_zoom(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand = mouse(compared.panes.original.pane)
    spot = hand.at(500, 400)
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=spot)
    hand.double_click(spot)
    assert compared.session.view.scale is None
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    hand.double_click(spot)
    assert compared.session.view.scale is not None


def test_delete_undo_and_redo(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_E)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 500), hand.at(900, 900))
    hand.drag(hand.at(1000, 1000), hand.at(1200, 1300))
    measuring = compared.session.measuring
    assert [m.name for m in measuring.measurements] == ["E1", "E2"]
    assert measuring.selected == 2
    QTest.keyClick(compared, Qt.Key.Key_Delete)
    assert [m.name for m in measuring.measurements] == ["E1"]
    QTest.keyClick(compared, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [m.name for m in measuring.measurements] == ["E1", "E2"]
    compared.actions_by_key["delete_measurements"].trigger()
    assert measuring.measurements == ()
    compared.actions_by_key["undo"].trigger()
    assert [m.name for m in measuring.measurements] == ["E1", "E2"]
    settled(compared, qtbot)


def test_esc_forgets_what_is_being_drawn(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_A)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 500), hand.at(900, 500))
    assert len(compared.session.measuring.measurements) == 1
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    assert compared.session.measuring.measurements == ()
    assert compared.session.view.tool == "angle"
    QTest.keyClick(compared, Qt.Key.Key_Escape)
    assert compared.session.view.tool == "window"


def test_measurements_stay_with_their_image(compared, qtbot, mouse, rg1_path, tmp_path):
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 500), hand.at(900, 500))
    other = tmp_path / "other.dcm"
    other.write_bytes(rg1_path.read_bytes())
    first = compared.session.header
    with qtbot.waitSignal(compared.session.scan_finished):
        compared.session.open_paths([other])
    header = next(h for h in compared.session.library.headers if h.path == other)
    for wanted, count in ((header, 0), (first, 1)):
        if compared.session.header.path != wanted.path or compared.session.radiograph is None:
            with qtbot.waitSignal(compared.session.image_changed):
                compared.session.select(wanted)
        assert len(compared.session.measuring.measurements) == count
    settled(compared, qtbot)


def test_a_turned_picture_measures_the_same(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_E)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 600), hand.at(900, 1200))
    before = result(compared, qtbot)
    compared.session.set_view(turn=Turn(1, True), centre=None, scale=None)
    qtbot.waitUntil(lambda: not compared.panes.original.pane.pending)
    after = result(compared, qtbot)
    assert after.quantities == before.quantities
    layer, places = compared.measuring.hand.layer, compared.measuring.hand.places
    pane = compared.panes.original.pane
    corner = places.to_screen(pane, only(compared).shape.handles[0])
    assert layer.hit(pane, corner).handle == 0
    assert places.to_stored(pane, corner) == pytest.approx(only(compared).shape.handles[0])


def test_figures_follow_another_coding(compared, qtbot, mouse):
    QTest.keyClick(compared, Qt.Key.Key_E)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 600), hand.at(900, 1200))
    before = result(compared, qtbot).get("psnr").difference
    with qtbot.waitSignal(compared.session.comparison_changed, timeout=20_000):
        compared.session.set_codec("jpeg2000")
    with qtbot.waitSignal(compared.session.coding_finished, timeout=20_000):
        compared.session.compress()
    after = result(compared, qtbot).get("psnr").difference
    assert after != before


def test_the_table_selects_copies_and_holds_every_figure(compared, qtbot, mouse, qapp):
    QTest.keyClick(compared, Qt.Key.Key_F6)
    panel = compared.measuring.table
    assert panel.isVisible()
    assert "Shift+R" in panel.note.text()
    QTest.keyClick(compared, Qt.Key.Key_E)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 600), hand.at(900, 1200))
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand.drag(hand.at(1200, 600), hand.at(1300, 700))
    found = result(compared, qtbot, 1)
    item = panel.table.topLevelItem(0)
    assert item.text(0) == "E1  Ellipse"
    titles = [item.child(i).text(0) for i in range(item.childCount())]
    assert titles == [q.title for q in found.quantities]
    assert {"Mean", "SD", "Minimum", "Maximum", "SNR", "Area", "PSNR", "SSIM"} <= set(titles)
    panel.table.setCurrentItem(item)
    assert compared.session.measuring.selected == 1
    panel.copy.click()
    lines = qapp.clipboard().text().splitlines()
    assert lines[0].split("\t")[:3] == ["Measurement", "Kind", "Quantity"]
    (mean,) = [line.split("\t") for line in lines if line.startswith("E1\tEllipse\tMean")]
    assert float(mean[3]) == pytest.approx(found.get("mean").original)
    assert float(mean[5]) == pytest.approx(found.get("mean").difference)
    assert "px" in panel.note.text() or "Millimetres" in panel.note.text() or panel.note.text()
    assert [a.text().replace("&", "") for a in panel._menu.menu().actions()] == [
        "Copy table",
        "Copy picture",
    ]

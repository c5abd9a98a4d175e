"""Measurements changed, taken away, brought back and kept, as a user does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.measured import only, result, settled
from viewer.images.turning import Turn
from viewer.ui.pane_frame import PaneFrame


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=60_000):
        opened.session.compress()
    qtbot.waitUntil(
        lambda: all(not frame.pane.pending for frame in opened.panes.frames), timeout=30_000
    )
    return opened


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
    with qtbot.waitSignal(compared.session.comparison_changed, timeout=60_000):
        compared.session.set_codec("jpeg2000")
    with qtbot.waitSignal(compared.session.coding_finished, timeout=60_000):
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

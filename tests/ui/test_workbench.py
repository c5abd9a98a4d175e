"""Match, worst blocks and the bar, as a user drives them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.codecs.base import Target
from viewer.ui import formatting
from viewer.ui.contents.content import Content

WAIT = 30_000
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def settle(window, qtbot):
    qtbot.waitUntil(lambda: window.panes.settled, timeout=WAIT)


@pytest.fixture
def compared(slow_codec, small, qtbot):
    small.session.set_codec("jpeg2000")
    small.session.set_target(Target("bpp", 0.4))
    with qtbot.waitSignal(small.session.coding_finished, timeout=WAIT):
        small.session.compress()
    settle(small, qtbot)
    return small


def test_one_button_matches_another_codec_and_shows_both(compared, qtbot, slow_codec):
    controls = compared.workbench.bar.match
    assert controls.codec == "slow"
    reference = compared.session.comparison
    with qtbot.waitSignal(compared.session.workbench.matching.found, timeout=WAIT) as found:
        QTest.mouseClick(controls.button, Qt.MouseButton.LeftButton)
        assert compared.session.busy
        assert "Esc stops" in controls.line.toolTip()
    (match,) = found.args
    assert match.reference is reference
    assert match.found.codec == "slow"
    line = controls.line.toolTip()
    for comparison in (match.reference, match.found):
        assert formatting.size(comparison.byte_count) in line
        assert f"{comparison.figures.psnr_db:.2f} dB" in line
    assert f"{100 * match.bytes_apart:+.1f} %".replace("-", "−") in line
    settle(compared, qtbot)
    shown = [compared.panes.content(frame) for frame in compared.panes.frames]
    assert shown == [Content("image", "original"), Content("image", "1"), Content("image", "2")]
    pictures = [frame.pane.picture.radiograph for frame in compared.panes.frames[1:]]
    assert pictures[0] is reference.reconstruction
    assert pictures[1] is match.found.reconstruction
    assert compared.session.comparison is reference
    offered = compared.panes.images.choice("2").split("   ")
    assert offered[0] == "2  Slow codec"
    assert offered[-1] == "slow 1"


@pytest.mark.parametrize("keys", ["Ctrl+M", "Ctrl+Shift+M"])
def test_keys_match_and_escape_stops(compared, qtbot, slow_codec, keys):
    slow_codec.steps = 400
    modifiers = Qt.KeyboardModifier.ControlModifier
    if "Shift" in keys:
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(compared, Qt.Key.Key_M, modifiers)
    qtbot.waitUntil(lambda: "try 1" in compared.status.job.text(), timeout=WAIT)
    assert ("PSNR" in compared.workbench.bar.match.line.toolTip()) == ("Shift" in keys)
    with qtbot.waitSignal(compared.session.workbench.matching.finished, timeout=WAIT):
        QTest.keyClick(compared, Qt.Key.Key_Escape)
    assert not compared.session.busy
    assert compared.workbench.bar.match.line.text() == ""
    assert not compared.status.progress.isVisible()
    assert len(compared.session.workbench.codings.of_image) == 1


def test_in_a_layout_of_one_pane_two_are_made(compared, qtbot):
    compared.panes.arrange(1)
    with qtbot.waitSignal(compared.session.workbench.matching.found, timeout=WAIT):
        compared.actions_by_key["match_bytes"].trigger()
    assert [compared.panes.content(frame).first for frame in compared.panes.frames] == ["1", "2"]


def test_the_list_of_the_worst_blocks_leads_there(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_F8)
    panel = compared.workbench.blocks
    qtbot.waitUntil(lambda: panel.model.rowCount() == 100, timeout=WAIT)
    comparison = compared.session.comparison
    error = comparison.reconstruction.pixels.astype(float) - comparison.radiograph.pixels
    cells = [panel.model.index(3, column).data() for column in range(5)]
    x, y = (int(part) for part in cells[1].split(","))
    block = error[y : y + 8, x : x + 8]
    assert cells[0] == "4"
    assert cells[2] == f"{np.sqrt(np.mean(block**2)):.1f}"
    assert cells[3] == f"{np.abs(block).max():.0f}"
    peak = comparison.radiograph.peak
    assert cells[4] == f"{10 * np.log10(peak**2 / np.mean(block**2)):.1f}"
    spot = panel.table.visualRect(panel.model.index(3, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    settle(compared, qtbot)
    assert compared.session.view.centre == (x + 4, y + 4)
    for frame in compared.panes.frames:
        geometry = frame.pane.geometry_of_image
        left, top = geometry.to_screen(x, y)
        middle = frame.pane.viewport().rect().center()
        assert abs(left + 4 * geometry.scale_x - middle.x()) < 2
        assert abs(top + 4 * geometry.scale_y - middle.y()) < 2
        picture = frame.pane.viewport().grab().toImage()
        outline = picture.pixelColor(round(left - 2), round(top + 20)).name()
        assert outline == "#5cb3e6"
    # The arrow keys go on to the next one.
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert compared.session.workbench.blocks.marked is panel.model.blocks[4]
    # Space flips there, though the list has the keyboard.
    own = compared.panes.reconstruction.pane.picture
    QTest.keyPress(panel.table, Qt.Key.Key_Space)
    assert compared.panes.reconstruction.pane.picture is compared.panes.original.pane.picture
    QTest.keyRelease(panel.table, Qt.Key.Key_Space)
    assert compared.panes.reconstruction.pane.picture is own
    QTest.keyClick(compared, Qt.Key.Key_F8)
    assert compared.session.workbench.blocks.marked is None


def test_a_block_is_marked_where_a_turned_picture_shows_it(compared, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_F8)
    panel = compared.workbench.blocks
    qtbot.waitUntil(lambda: panel.model.rowCount() > 0, timeout=WAIT)
    compared.actions_by_key["turn_right"].trigger()
    panel.table.selectRow(0)
    settle(compared, qtbot)
    block = panel.model.blocks[0]
    header = compared.session.header
    assert compared.session.view.centre == (header.rows - block.y - 4, block.x + 4)


def test_the_gain_slider_prints_and_sets_the_gain(compared, qtbot):
    bar = compared.workbench.bar
    picture = compared.panes.difference.pane.picture
    first = picture.gain
    assert bar.gain.value_text.text() == f"×{first:.0f}"
    QTest.keyClick(bar.gain.slider, Qt.Key.Key_Right)
    assert picture.gain == 2 * first
    assert bar.gain.value_text.text() == f"×{2 * first:.0f}"
    QTest.mouseClick(bar.automatic, Qt.MouseButton.LeftButton)
    assert picture.gain == first
    QTest.keyClick(compared, Qt.Key.Key_BracketLeft)
    assert bar.gain.value_text.text() == f"×{first / 2:.0f}"


def test_panes_of_one_kind_share_one_gain(compared, qtbot):
    compared.session.set_target(Target("bpp", 2.0))
    with qtbot.waitSignal(compared.session.coding_finished, timeout=WAIT):
        compared.session.compress()
    frames = compared.panes.frames
    compared.panes.choose(frames[1], Content("signed", "1"))
    settle(compared, qtbot)
    pictures = [frames[1].pane.picture, frames[2].pane.picture]
    assert pictures[0].first_gain < pictures[1].first_gain
    assert pictures[0].gain == pictures[1].gain == pictures[0].first_gain


def test_everything_on_the_bar_tells_its_name_and_key(compared):
    bar = compared.workbench.bar
    controls = [bar.gain.slider, bar.match.button, *(a.slider for a in bar.modes.values())]
    for control in controls:
        assert control.accessibleName()
        assert "(" in control.toolTip()

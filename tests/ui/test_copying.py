"""Pictures and tables on the clipboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.ui.copying import pane_picture


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=20_000):
        opened.session.compress()
    qtbot.waitUntil(lambda: all(not f.pane.pending for f in opened.panes.frames))
    return opened


def test_ctrl_c_copies_a_pane(compared, qapp):
    qapp.clipboard().clear()
    QTest.keyClick(compared, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    picture = qapp.clipboard().image()
    assert picture.size() == compared.panes.frames[0].pane.size()


def test_the_mark_is_copied_and_the_patient_is_not(compared):
    frame = compared.panes.frames[1]
    assert frame.pane.mark.isVisible()
    lines = frame.pane.overlay.texts.upper_left
    assert lines
    with_lines = frame.pane.grab().toImage()
    copied = pane_picture(frame)
    assert frame.pane.overlay.texts.upper_left == lines
    mark = frame.pane.mark.geometry()
    assert copied.copy(mark) == with_lines.copy(mark)
    amber = [
        copied.pixelColor(x, y)
        for x in range(mark.left(), mark.right())
        for y in range(mark.top(), mark.bottom())
    ]
    assert any(c.red() > 200 and c.blue() < 120 for c in amber)
    corner = (0, 0, 150, 20)
    assert copied.copy(*corner) != with_lines.copy(*corner)


def test_figures_copy_as_a_table(compared, qapp):
    panel = compared.coding.figures
    names = [a.text().replace("&", "") for a in panel._menu.menu().actions()]
    assert names == ["Copy table", "Copy picture"]
    panel._menu.menu().actions()[0].trigger()
    rows = dict(line.split("\t") for line in qapp.clipboard().text().splitlines())
    assert rows["PSNR"] == panel.fidelity.value("psnr")
    assert rows["Ratio"] == panel.ratio.text()
    panel._menu.menu().actions()[1].trigger()
    assert not qapp.clipboard().image().isNull()


def test_ctrl_c_copies_the_table_that_has_the_focus(compared, qapp, mouse, qtbot):
    QTest.keyClick(compared, Qt.Key.Key_N)
    hand = mouse(compared.panes.original.pane)
    QTest.mouseClick(hand.target, Qt.MouseButton.LeftButton, pos=hand.at(700, 700))
    measuring = compared.session.measuring
    qtbot.waitUntil(lambda: measuring.result(1) is not None, timeout=30_000)
    compared.measuring.table_dock.show()
    compared.measuring.table.table.setFocus()
    qtbot.waitUntil(compared.measuring.table.table.hasFocus, timeout=10_000)
    compared.actions_by_key["copy_picture"].trigger()
    assert qapp.clipboard().text().splitlines()[1].startswith("V1\tValue\tValue")

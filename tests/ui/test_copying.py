"""Pictures and tables on the clipboard."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.ui.copying import pane_picture
from viewer.ui.workbench.blocks_panel import BlocksPanel


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


def test_the_worst_blocks_copy_as_a_table(compared, qapp, qtbot):
    panel = compared.findChild(BlocksPanel)
    compared.actions_by_key["blocks"].trigger()
    qtbot.waitUntil(lambda: panel.model.rowCount() > 0, timeout=30_000)
    lines = panel.as_tsv().splitlines()
    assert lines[0].split("\t")[:2] == ["#", "x, y"]
    assert len(lines) == panel.model.rowCount() + 1
    worst = panel.model.blocks[0]
    assert lines[1].split("\t")[1] == f"{worst.x}, {worst.y}"


def test_space_in_a_table_or_plot_flips_to_the_original(compared, qtbot):
    middle = compared.panes.reconstruction.pane
    decoded = middle.picture
    tables = (compared.measuring.table.table, compared.curves.table.table)
    for widget in (*tables, compared.curves.curve.plot.psnr):
        QTest.keyPress(widget, Qt.Key.Key_Space)
        assert middle.picture is not decoded
        QTest.keyRelease(widget, Qt.Key.Key_Space)
        assert middle.picture is decoded


def test_a_text_still_on_the_clipboard_does_not_crash_the_end():
    """The program's last moments, in a process of its own."""
    script = (
        "from viewer.ui.app import application\n"
        "running = application()\n"
        "from viewer.ui.clipboard import copy_text\n"
        "copy_text('a\\tb')\n"
    )
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    done = subprocess.run([sys.executable, "-c", script], env=environment, timeout=60, check=False)
    assert done.returncode == 0

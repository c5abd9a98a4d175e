"""The switch between figures of stored values and figures as displayed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.evaluation.displayed import compare_displayed
from viewer.images.radiograph import Window
from viewer.ui.figures_panel import fidelity_texts


def test_the_switch_judges_through_the_window_and_says_so(opened, qtbot):
    session, panel = opened.session, opened.coding.figures
    with qtbot.waitSignal(session.coding_finished, timeout=60_000):
        session.compress()
    stored = panel.fidelity.value("psnr")
    assert panel.basis.isHidden()
    session.set_voi(Window(12000, 9000))
    QTest.keyClick(opened, Qt.Key.Key_J)
    assert panel.basis.text().startswith("As displayed")
    qtbot.waitUntil(lambda: session.displayed is not None, timeout=30_000)
    comparison = session.comparison
    expected = compare_displayed(
        comparison.radiograph, comparison.reconstruction, Window(12000, 9000)
    )
    assert panel.fidelity.value("psnr") == fidelity_texts(expected.figures)["psnr"]
    assert panel.fidelity.value("psnr") != stored
    assert panel.basis.text() == "As displayed: W 9000  L 12000, 8 bit, peak 255"
    # Another window is judged anew, and a rectangle as well.
    session.set_box((500, 500, 200, 200))
    session.set_voi(Window(8000, 4000))
    assert session.displayed is None
    qtbot.waitUntil(lambda: session.displayed is not None, timeout=30_000)
    assert session.displayed.voi == Window(8000, 4000)
    assert (
        opened.coding.box.table.value("psnr")
        == (fidelity_texts(session.displayed.box_figures)["psnr"])
    )
    # Back to the stored values, which are the default.
    QTest.keyClick(opened, Qt.Key.Key_J)
    assert panel.fidelity.value("psnr") == stored
    assert panel.basis.isHidden()

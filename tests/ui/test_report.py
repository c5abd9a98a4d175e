"""A report of the comparison on the screen, from the menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from viewer.ui.report_dialog import ReportDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def compared(slow_codec, opened, qtbot):
    opened.session.set_codec("slow")
    with qtbot.waitSignal(opened.session.coding_finished, timeout=60_000):
        opened.session.compress()
    return opened


def reported(window, qtbot, monkeypatch, path, *, identity: bool, key: bool = True) -> str:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(path), ""))

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ReportDialog)
        assert not dialog.identity.isChecked()  # off unless asked for
        dialog.identity.setChecked(identity)
        button = dialog.buttons.button(QDialogButtonBox.StandardButton.Save)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(200, answer)
    with qtbot.waitSignal(window.session.saved, timeout=30_000):
        if key:
            QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
        else:
            window.actions_by_key["report"].trigger()
    return path.read_bytes().decode("utf-8", "replace")


def test_a_report_with_measurements_and_without_identity(
    compared, qtbot, mouse, monkeypatch, tmp_path
):
    QTest.keyClick(compared, Qt.Key.Key_L)
    hand = mouse(compared.panes.original.pane)
    hand.drag(hand.at(500, 400), hand.at(1100, 900))
    measuring = compared.session.measuring
    qtbot.waitUntil(lambda: measuring.result(1) is not None, timeout=30_000)
    text = reported(compared, qtbot, monkeypatch, tmp_path / "r.html", identity=False)
    comparison = compared.session.comparison
    assert f"{comparison.figures.psnr_db:.2f} dB" in text
    assert "LOSSY" in text
    assert "Not for diagnostic use" in text
    assert "<td>L1</td>" in text
    assert compared.session.header.path.name not in text
    named = reported(compared, qtbot, monkeypatch, tmp_path / "n.html", identity=True, key=False)
    assert compared.session.header.path.name in named


def test_a_pdf(compared, qtbot, monkeypatch, tmp_path):
    text = reported(compared, qtbot, monkeypatch, tmp_path / "r.pdf", identity=False)
    assert text.startswith("%PDF")


def test_without_a_coding_there_is_nothing_to_report(opened, qtbot, tmp_path):
    from viewer.session.reporting import ReportOptions

    with qtbot.waitSignal(opened.session.save_failed) as told:
        opened.session.write_report(tmp_path / "r.pdf", ReportOptions())
    assert "compress the image first" in told.args[0]

"""Without a mouse, and for those who hear the window: names, focus order, the main path by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QTabBar,
    QWidget,
)

from viewer.ui.menu_paths import menu_entries
from viewer.ui.pane import Pane
from viewer.ui.preferences import PreferencesDialog
from viewer.ui.report_dialog import ReportDialog
from viewer.ui.save_dialog import SaveDialog
from viewer.ui.shortcuts.window import ShortcutsWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

INTERACTIVE = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    Pane,
)  # fmt: skip
WAIT = 60_000
_QT_PARTS = ("QScrollBar", "QTableCornerButton", "ExtensionButton")
CONTROL = Qt.KeyboardModifier.ControlModifier


def interactive(top: QWidget) -> Iterator[QWidget]:
    """Yield what can be used, without the parts that Qt makes inside its own widgets."""
    for widget in top.findChildren(QWidget):
        internal = widget.objectName().startswith("qt_") or isinstance(widget, QTabBar)
        inside = isinstance(widget.parent(), INTERACTIVE) and not isinstance(widget.parent(), Pane)
        popup = widget.parent().metaObject().className() == "QComboBoxPrivateContainer"
        scroll = popup or type(widget).__name__ in _QT_PARTS
        if isinstance(widget, INTERACTIVE) and not (internal or inside or scroll):
            yield widget


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text.replace("&", "")


def nameless(top: QWidget) -> list[str]:
    return [
        f"{type(w).__name__} in {type(w.parent()).__name__} {w.objectName()} {w.toolTip()}"
        for w in interactive(top)
        if not any(letter.isalnum() for letter in name_of(w))
    ]


def test_everything_that_can_be_used_has_a_name(opened):
    for key in ("measurements", "plots", "curves", "blocks", "deformation", "inside"):
        if key in opened.actions_by_key.keys():  # noqa: SIM118  (not a mapping)
            opened.actions_by_key[key].trigger()
    assert len(list(interactive(opened))) > 60
    assert nameless(opened) == []


def test_everything_in_dialogs_has_a_name(opened):
    known = set(opened.actions_by_key.keys())
    entries = [e for e in menu_entries(opened.menuBar()) if e.action.objectName() in known]
    dialogs = (
        PreferencesDialog(opened.session, opened.panes.mouse, opened),
        ReportDialog(opened.session, opened),
        SaveDialog(opened.session, opened),
        ShortcutsWindow(opened.comfort.keymap, entries, opened),
        opened.comfort.palette,
    )
    assert [nameless(dialog) for dialog in dialogs] == [[]] * len(dialogs)
    dialogs[2].done(0)


def test_tab_goes_through_the_window_and_comes_back(opened, qtbot):
    opened.activateWindow()
    opened.panes.original.pane.setFocus(Qt.FocusReason.TabFocusReason)
    first = QApplication.focusWidget()
    seen: list[QWidget] = []
    for _ in range(200):
        widget = QApplication.focusWidget()
        if seen and widget is first:
            break
        seen.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    else:
        pytest.fail("Tab does not come back")
    for wanted in (opened.studies.tree, opened.coding.codec, opened.coding.target.number,
                   opened.coding.target.slider, opened.coding.compress):  # fmt: skip
        assert wanted in seen
    order = [seen.index(w) for w in (opened.coding.codec, opened.coding.target.number,
                                     opened.coding.compress)]  # fmt: skip
    assert order == sorted(order)
    panes = [seen.index(frame.pane) for frame in opened.panes.frames]
    assert panes == sorted(panes)


def tab_to(window, wanted: QWidget) -> None:
    """Press Tab until a widget has the focus."""
    for _ in range(200):
        widget = QApplication.focusWidget() or window
        if widget is wanted:
            return
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    pytest.fail(f"Tab does not reach {wanted.accessibleName()}")


def test_the_whole_main_path_by_keys_alone(window, qtbot, monkeypatch, tmp_path, small_path):
    monkeypatch.setattr(
        "viewer.ui.file_dialogs.QFileDialog.getOpenFileNames",
        lambda *_: ([str(small_path)], ""),
    )
    archive = tmp_path / "study.radz"
    monkeypatch.setattr(
        "viewer.ui.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (str(archive), "")
    )
    window.activateWindow()
    with qtbot.waitSignal(window.session.image_changed, timeout=WAIT):
        QTest.keyClick(window, Qt.Key.Key_O, CONTROL)
    tab_to(window, window.coding.codec)
    QTest.keyClick(window.coding.codec, Qt.Key.Key_Down)
    assert window.session.coding.codec != "jpeg2000"
    QTest.keyClick(window.coding.codec, Qt.Key.Key_Home)
    assert window.session.coding.codec == "jpeg2000"
    tab_to(window, window.coding.target.kind)
    QTest.keyClick(window.coding.target.kind, Qt.Key.Key_Home)
    while window.session.coding.target.kind != "ratio":
        QTest.keyClick(window.coding.target.kind, Qt.Key.Key_Down)
    assert window.session.coding.codec == "jpeg2000"
    with qtbot.waitSignal(window.session.coding_finished, timeout=WAIT):
        QTest.keyClick(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.session.comparison is not None, timeout=WAIT)
    before = window.session.comparison.ratio_stored
    tab_to(window, window.coding.target.slider)
    for _ in range(4):
        QTest.keyClick(window.coding.target.slider, Qt.Key.Key_Left)
    qtbot.waitUntil(
        lambda: not window.session.busy and window.session.comparison.ratio_stored != before,
        timeout=WAIT,
    )
    figures = window.coding.figures
    assert figures.ratio.text().endswith(": 1")
    assert figures.fidelity.value("psnr").endswith("dB")
    tab_to(window, window.panes.reconstruction.pane)

    def accept():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Return)

    QTimer.singleShot(300, accept)
    with qtbot.waitSignal(window.session.saved, timeout=WAIT):
        QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert archive.is_file()


def test_hints_follow_changed_keys(opened, qtbot):
    assert "Press C to compress" in opened.panes.reconstruction.pane.message
    assert opened.coding.compress.toolTip().endswith("(C)")
    assert opened.comfort.keymap.change("compress", QKeySequence("Ctrl+Shift+C")) == ""
    assert "Press Ctrl+Shift+C to compress" in opened.panes.reconstruction.pane.message
    assert opened.coding.compress.toolTip().endswith("(Ctrl+Shift+C)")
    assert opened.comfort.keymap.change("content", QKeySequence()) == ""
    assert "“Show on the pane …”" in opened.panes.original.chooser.toolTip()
    opened.comfort.keymap.reset_all()
    assert opened.coding.compress.toolTip().endswith("(C)")

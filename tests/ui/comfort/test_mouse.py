"""Mouse buttons and the signs of drags, as the reader assigned them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from viewer.ui.mouse.assignment import AS_USUAL, TOOL, MouseAssignment
from viewer.ui.preferences import PreferencesDialog

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton,
)  # fmt: skip
A, B = QPoint(100, 100), QPoint(140, 130)


def test_as_usual_right_is_window_and_middle_is_pan(small, mouse):
    hand, session = mouse(small.panes.original.pane), small.session
    before = session.voi
    hand.drag(A, B, RIGHT)
    assert session.voi.width > before.width
    assert session.voi.centre > before.centre
    assert session.view.scale is None
    session.set_view(scale=2.0, centre=(300.0, 300.0))
    hand.drag(A, B, MIDDLE)
    assert session.view.centre[0] < 300


def test_buttons_and_signs_as_assigned(small, mouse):
    hand, session = mouse(small.panes.original.pane), small.session
    small.panes.mouse.change(
        MouseAssignment(
            left="pan", middle="window", right=TOOL, width_reversed=True, level_reversed=True,
            wheel_reversed=True, zoom_reversed=True,
        )
    )  # fmt: skip
    before = session.voi
    hand.drag(A, B, MIDDLE)
    assert session.voi.width < before.width
    assert session.voi.centre < before.centre
    session.set_view(scale=2.0, centre=(300.0, 300.0))
    hand.drag(A, B, LEFT)
    assert session.view.centre[0] < 300
    hand.wheel(A, 1)
    assert session.view.scale < 2.0
    session.set_view(tool="box")
    hand.drag(A, B, RIGHT)
    assert session.box is not None
    session.set_view(tool="zoom", scale=2.0, centre=(300.0, 300.0))
    hand.drag(A, QPoint(100, 140), RIGHT)
    assert session.view.scale > 2.0


def test_a_button_can_do_nothing(small, mouse):
    small.panes.mouse.change(replace(AS_USUAL, right="nothing"))
    before = small.session.voi
    mouse(small.panes.original.pane).drag(A, B, RIGHT)
    assert small.session.voi is before


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_dialog_changes_and_keeps_them(small, qtbot, open_window):
    def fill():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PreferencesDialog)
        QTest.keyClick(dialog.mouse.buttons["middle"], Qt.Key.Key_Down)
        dialog.mouse.signs["level_reversed"].setCurrentIndex(1)
        QTest.mouseClick(
            dialog.box.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton
        )

    QTimer.singleShot(50, fill)
    QTest.keyClick(small, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    wanted = replace(AS_USUAL, middle="zoom", level_reversed=True)
    assert small.panes.mouse.assignment == wanted
    assert open_window().panes.mouse.assignment == wanted


def test_one_button_stays_with_the_tools(window):
    dialog = PreferencesDialog(window.session, window.panes.mouse, window)
    dialog.mouse.show_as(replace(AS_USUAL, left="pan"))
    ok = dialog.box.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    assert "Leave one button to the chosen tool" in dialog.mouse.said.text()
    QTest.mouseClick(
        dialog.box.button(QDialogButtonBox.StandardButton.RestoreDefaults),
        Qt.MouseButton.LeftButton,
    )
    assert ok.isEnabled()
    assert dialog.mouse.assignment == AS_USUAL


@pytest.mark.parametrize(("key", "value"), [("left", "jump"), ("left", "pan")])
def test_an_assignment_that_cannot_be_is_not_taken(window, open_window, key, value):
    window.settings.set(f"mouse/{key}", value)
    window.settings.write()
    assert open_window().panes.mouse.assignment == AS_USUAL

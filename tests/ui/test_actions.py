"""Keys, menus and tool bar: everything can be reached and tells its key."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton

from viewer.images import display
from viewer.ui.actions import SPECS
from viewer.ui.menu_paths import menu_entries


def menus(window):
    return [child for child in window.menuBar().findChildren(QMenu) if child.parent() is not None]


def test_every_action_has_a_key_and_names_it(window):
    for spec in SPECS:
        action = window.actions_by_key[spec.key]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert keys, spec.key
        assert action.toolTip().endswith(f"({keys})"), spec.key


def test_no_key_is_taken_twice():
    keys = Counter(key for spec in SPECS for key in spec.shortcuts)
    assert [key for key, count in keys.items() if count > 1] == []
    assert not {str(digit) for digit in range(1, 10)} & set(keys)


def test_every_action_is_in_a_menu(window):
    listed = {entry.action.objectName() for entry in menu_entries(window.menuBar())}
    assert set(window.actions_by_key.keys()) <= listed
    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    wanted = ["File", "View", "Compare", "Measure", "Coding", "Learn", "Archive", "Help"]
    assert titles == wanted


def test_mnemonics_of_a_menu_differ(window):
    for top in window.menuBar().actions():
        letters = Counter(
            action.text()[action.text().index("&") + 1].lower()
            for action in top.menu().actions()
            if "&" in action.text()
        )
        assert [letter for letter, count in letters.items() if count > 1] == [], top.text()


def test_tool_bar_buttons_have_icons_names_and_tips(window):
    buttons = [b for b in window.tool_bar.findChildren(QToolButton) if b.defaultAction()]
    assert len(buttons) >= 12
    for button in buttons:
        assert not button.icon().isNull()
        assert button.accessibleName()
        assert "(" in button.toolTip()


def test_what_needs_an_image_waits_for_one(window, opened):
    assert opened.actions_by_key["compress"].isEnabled()
    assert not opened.actions_by_key["blink"].isEnabled()
    assert not opened.actions_by_key["export_difference"].isEnabled()


def test_actions_are_off_while_nothing_is_open(window):
    for key in ("save", "compress", "fit", "auto", "blink", "gain_up"):
        assert not window.actions_by_key[key].isEnabled()


@pytest.mark.parametrize(
    ("key", "tool"),
    [
        (Qt.Key.Key_W, "window"),
        (Qt.Key.Key_P, "pan"),
        (Qt.Key.Key_Z, "zoom"),
        (Qt.Key.Key_R, "box"),
    ],
)
def test_tool_keys(opened, key, tool):
    QTest.keyClick(opened, key)
    assert opened.session.view.tool == tool
    assert opened.actions_by_key[tool].isChecked()


def test_escape_lets_go_of_the_tool(opened):
    QTest.keyClick(opened, Qt.Key.Key_R)
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert opened.session.view.tool == "window"


def test_digits_choose_presets_and_zero_is_automatic(opened):
    choices = display.presets(opened.session.header)
    QTest.keyClick(opened, Qt.Key.Key_0)
    assert opened.session.voi == display.auto_window(opened.session.radiograph)
    for number, voi in enumerate(choices[:9], start=1):
        QTest.keyClick(opened, str(number))
        assert opened.session.voi == voi


def test_a_digit_typed_into_a_number_stays_there(opened):
    before = opened.session.voi
    number = opened.coding.target.number
    number.setFocus()
    number.selectAll()
    QTest.keyClick(number, "9")
    assert opened.session.voi is before


def test_page_keys_step_through_images(window, qtbot, pydicom_data):
    paths = [pydicom_data / "RG1_UNCR.dcm", pydicom_data / "RG3_UNCR.dcm"]
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths(paths)
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=10_000)
    first = window.session.header
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        QTest.keyClick(window, Qt.Key.Key_PageDown)
    assert window.session.header != first
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        QTest.keyClick(window, Qt.Key.Key_PageUp)
    assert window.session.header == first


def test_zoom_keys(opened):
    QTest.keyClick(opened, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert opened.panes.original.pane.geometry_of_image.device_scale == 1
    QTest.keyClick(opened, Qt.Key.Key_Minus)
    assert opened.session.view.scale < 1


def test_docks_hide_and_show(opened):
    QTest.keyClick(opened, Qt.Key.Key_F3)
    assert opened.studies_dock.isHidden()
    assert not opened.actions_by_key["studies"].isChecked()
    QTest.keyClick(opened, Qt.Key.Key_F3)
    assert not opened.studies_dock.isHidden()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_log_is_one_click_away(window):
    import logging

    logging.getLogger("viewer.tests").warning("a thing worth noting")
    window.actions_by_key["log"].trigger()
    assert "a thing worth noting" in window._log_window.lines.toPlainText()

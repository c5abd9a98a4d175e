"""The command palette, by keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.ui.menu_paths import menu_entries, plain
from viewer.ui.palette import match_cost

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def palette(opened, qtbot):
    QTest.keyClick(opened, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    shown = opened.comfort.palette
    qtbot.waitUntil(shown.isVisible)
    return shown


def test_every_action_of_the_window_is_listed_with_menu_and_key(opened, palette):
    listed = {entry.action.objectName() for entry in palette.found}
    assert set(opened.actions_by_key.keys()) <= listed
    lines = [palette.list.topLevelItem(row) for row in range(palette.list.topLevelItemCount())]
    texts = {line.text(0): line.text(1) for line in lines}
    assert texts["File › Open files …"] == "Ctrl+O"
    spoken = [line.data(0, Qt.ItemDataRole.AccessibleTextRole) for line in lines]
    assert "File › Open files …, Ctrl+O" in spoken
    assert palette.search.accessibleName()
    assert palette.list.accessibleName()


def test_typing_and_enter_run_an_action(opened, palette, qtbot):
    opened.session.set_view(scale=2.0)
    QTest.keyClicks(palette.search, "fit")
    assert palette.found[0].action is opened.actions_by_key["fit"]
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.session.view.scale is None)
    assert not palette.isVisible()


def test_arrows_choose_another_line(opened, palette, qtbot):
    QTest.keyClicks(palette.search, "zoom")
    second = palette.found[1]
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(second.action.triggered):
        QTest.keyClick(palette.search, Qt.Key.Key_Enter)


def test_what_is_off_is_dim_says_so_and_does_not_run(opened, palette, qtbot):
    action = opened.actions_by_key["export_difference"]
    fired = []
    action.triggered.connect(fired.append)
    QTest.keyClicks(palette.search, "png difference export")
    assert palette.found[0].action is action
    line = palette.list.topLevelItem(0)
    assert "not available now" in line.text(0)
    disabled = palette.palette().ColorGroup.Disabled
    assert line.foreground(0).color() == palette.palette().color(disabled, palette.foregroundRole())
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.wait(20)
    assert palette.isVisible()
    assert not fired
    assert "compress the image first" in palette.said.text()


def test_escape_leaves_it_and_nothing_found_is_said(palette):
    QTest.keyClicks(palette.search, "qqqzzz")
    assert palette.found == []
    assert "qqqzzz" in palette.said.text()
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_it_opens_empty_again(opened, palette, qtbot):
    QTest.keyClicks(palette.search, "fit")
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    QTest.keyClick(opened, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert palette.search.text() == ""
    assert len(palette.found) == len(menu_entries(opened.menuBar()))


@pytest.mark.parametrize("text", ["orig png", "png orig", "PNG export", "xptrgnl", ""])
def test_words_in_any_order_and_letters_in_order_match(text):
    assert match_cost(text, "Export original as PNG …", "File Ctrl+Alt+1") is not None


def test_closer_matches_cost_less():
    whole = match_cost("fit", "Fit", "View")
    inside = match_cost("fit", "Benefit", "View")
    around = match_cost("fit", "Turn", "View, a fitting picture")
    loose = match_cost("fit", "F i t", "View")
    assert whole < inside < around < loose
    assert match_cost("tif", "Fit", "View") is None


def test_mnemonics_are_left_out():
    assert plain("&Save && close") == "Save & close"


def test_a_codec_is_chosen_by_its_name(opened, palette, qtbot):
    QTest.keyClicks(palette.search, "codec dense")
    assert palette.found[0].action.objectName() == "codec_dense"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.session.coding.codec == "dense")
    assert opened.coding.codec.currentData() == "dense"
    assert opened.coding.target.target == opened.session.coding.target
    ticked = [e.action for e in menu_entries(opened.menuBar()) if "Codec" in e.menus]
    assert [a.objectName() for a in ticked if a.isChecked()] == ["codec_dense"]

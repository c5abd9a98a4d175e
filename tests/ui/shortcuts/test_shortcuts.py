"""The shortcut map: every key shown, changed, refused, kept, given back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def shortcuts(opened, qtbot):
    QTest.keyClick(opened, Qt.Key.Key_Question)
    qtbot.waitUntil(lambda: opened.comfort.shortcuts_window is not None)
    shown = opened.comfort.shortcuts_window
    qtbot.waitUntil(shown.isVisible)
    return shown


def press(shortcuts, key: str, *typed: tuple[Qt.Key, Qt.KeyboardModifier]) -> None:
    """Choose an action, press its new key in the editor, and use it."""
    shortcuts.choose(key)
    shortcuts.edit.setFocus()
    for letter, held in typed:
        QTest.keyClick(shortcuts.edit, letter, held)
    QTest.mouseClick(shortcuts.take, Qt.MouseButton.LeftButton)


PLAIN, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def test_every_action_is_listed_below_its_menu(opened, shortcuts):
    assert set(shortcuts.listed) == set(opened.actions_by_key.keys())
    assert shortcuts.listed["fit"] == "F"
    groups = [shortcuts.tree.topLevelItem(i).text(0) for i in range(6)]
    assert groups[:2] == ["File", "View"]


def test_search_finds_names_and_keys(shortcuts):
    QTest.keyClicks(shortcuts.search, "ctrl+alt+1")
    assert list(shortcuts.listed) == ["export_original"]
    shortcuts.search.clear()
    QTest.keyClicks(shortcuts.search, "radiograph try")
    assert list(shortcuts.listed) == ["sample"]


def test_a_new_key_works_and_the_tooltip_follows(opened, shortcuts, qtbot):
    press(shortcuts, "fit", (Qt.Key.Key_F, CONTROL))
    action = opened.actions_by_key["fit"]
    assert shortcuts.listed["fit"] == "Ctrl+F"
    assert action.toolTip().endswith("(Ctrl+F)")
    shortcuts.close()
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    opened.session.set_view(scale=2.0)
    QTest.keyClick(opened, Qt.Key.Key_F)
    assert opened.session.view.scale == 2.0
    QTest.keyClick(opened, Qt.Key.Key_F, CONTROL)
    assert opened.session.view.scale is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            (Qt.Key.Key_W, PLAIN),
            "W already belongs to “Window/level”; give that another key first.",
        ),
        (
            (Qt.Key.Key_O, CONTROL),
            "Ctrl+O already belongs to “Open files …”; give that another key",
        ),
        ((Qt.Key.Key_3, PLAIN), "3 chooses window preset 3 and cannot be given"),
        ((Qt.Key.Key_Space, PLAIN), "Space shows the original while it is held and cannot"),
    ],
)
def test_a_conflict_is_named_and_not_taken(opened, shortcuts, typed, said):
    press(shortcuts, "fit", typed)
    assert said in shortcuts.said.text()
    assert opened.actions_by_key["fit"].shortcut() == QKeySequence("F")
    assert shortcuts.listed["fit"] == "F"


def test_a_key_let_go_of_can_be_given_to_another(opened, shortcuts):
    press(shortcuts, "fit", (Qt.Key.Key_F, CONTROL))
    press(shortcuts, "pan", (Qt.Key.Key_F, PLAIN))
    assert shortcuts.listed["pan"] == "F"
    shortcuts.choose("fit")
    QTest.mouseClick(shortcuts.reset, Qt.MouseButton.LeftButton)
    assert "F already belongs to “Pan”" in shortcuts.said.text()
    assert shortcuts.listed["fit"] == "Ctrl+F"
    shortcuts.choose("pan")
    QTest.mouseClick(shortcuts.reset, Qt.MouseButton.LeftButton)
    assert opened.actions_by_key["pan"].shortcut() == QKeySequence("P")


def test_keys_are_kept_for_the_next_window_and_reset_all_gives_them_back(
    opened, shortcuts, open_window
):
    press(shortcuts, "fit", (Qt.Key.Key_F, CONTROL))
    press(shortcuts, "pan", (Qt.Key.Key_F, PLAIN))
    following = open_window()
    assert following.actions_by_key["fit"].shortcut() == QKeySequence("Ctrl+F")
    assert following.actions_by_key["pan"].shortcut() == QKeySequence("F")
    QTest.mouseClick(shortcuts.reset_all, Qt.MouseButton.LeftButton)
    for key in ("fit", "pan"):
        assert not opened.comfort.keymap.is_own(key)
    last = open_window()
    assert last.actions_by_key["pan"].shortcut() == QKeySequence("P")


@pytest.mark.parametrize("kept", ["{not json", "[]", '{"fit": ["W"], "pan": 3, "gone": ["Q"]}'])
def test_damaged_or_doubled_keys_are_left_out(window, open_window, kept):
    window.settings.set("keys", kept)
    window.settings.write()
    following = open_window()
    assert following.actions_by_key["fit"].shortcut() == QKeySequence("F")
    assert following.actions_by_key["window"].shortcut() == QKeySequence("W")

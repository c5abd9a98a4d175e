"""The guide: what it names is there, pictures too, and it opens without a network."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest

from viewer.ui.actions import SPECS
from viewer.ui.help.guide import chapters, guide_path
from viewer.ui.menu_paths import menu_entries

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

KEYS = {spec.key for spec in SPECS}


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.title)
def test_every_action_it_names_is_in_the_window(chapter):
    assert [key for key in chapter.actions if key not in KEYS] == []
    assert "[[" not in chapter.filled(lambda key: key)


def test_it_names_the_actions_a_reader_needs():
    named = {key for chapter in chapters() for key in chapter.actions}
    assert len(named) > 60
    assert {"open", "compress", "save", "palette", "lessons", "deidentified", "header"} <= named


def test_every_picture_is_there_and_all_are_small():
    folder = guide_path().parent
    named = [folder / name for chapter in chapters() for name in chapter.pictures]
    assert len(named) >= 4
    for path in named:
        assert QImage(str(path)).width() >= 600, path.name
    files = list((folder / "pictures").iterdir())
    assert {path.name for path in files} == {path.name for path in named}
    assert sum(path.stat().st_size for path in files) < 1_500_000


@pytest.fixture
def guide(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.comfort.guide_window is not None)
    return window.comfort.guide_window


def test_f1_opens_it_with_names_as_the_menus_have_them(window, guide):
    assert guide.isVisible()
    page = guide.page.toPlainText()
    assert "Coding › Compress (C)" in page
    assert "[[" not in page
    paths = {entry.path.rstrip(" …") for entry in menu_entries(window.menuBar())}
    for key in {key for chapter in chapters() for key in chapter.actions}:
        assert guide.name_of(key).rsplit(" (", 1)[0] in paths, key


def test_pictures_are_shown(guide):
    image = guide.page.loadResource(2, "pictures/window.png")
    assert image


def test_search_lists_chapters_with_all_words(guide):
    guide.search.setText("burned pixels")
    assert guide.found == ["Whose images these are"]
    assert guide.page.toPlainText().startswith("Whose images these are")
    guide.search.clear()
    assert len(guide.found) == len(chapters())


def test_changed_keys_are_named(window, guide):
    assert window.comfort.keymap.change("compress", QKeySequence("Ctrl+J")) == ""
    assert "Compress (Ctrl+J)" in guide.page.toPlainText()

"""The list of recent files: kept, cleared, switched off, and nameless while names are hidden."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QStyle, QStyleOptionButton

from viewer.ui.menu_paths import menu_entries, plain
from viewer.ui.preferences import PreferencesDialog
from viewer.ui.recent_menu import RecentMenu
from viewer.ui.settings import ARCHIVE_FOLDER

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
NAME, FOLDER = "Quasimodo & Esmeralda.dcm", "gudule"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def named_path(tmp_path, small_path):
    (tmp_path / FOLDER).mkdir()
    return shutil.copy(small_path, tmp_path / FOLDER / NAME)


@pytest.fixture
def named(window, qtbot, named_path):
    """A window in which a file with a telling name was opened."""
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.session.open_paths([named_path])
    qtbot.waitUntil(lambda: not window.session.busy, timeout=10_000)
    return window


def menu_of(window) -> RecentMenu:
    (menu,) = window.findChildren(RecentMenu)
    return menu


def offered(window) -> list[str]:
    """The entries, as they are read."""
    entries = menu_of(window).actions()
    return [plain(action.text()).split("    ")[0] for action in entries if action.text()]


def written(folder) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def prefer(window, qtbot, recent: bool, button=QDialogButtonBox.StandardButton.Ok) -> None:
    """Open the preferences by their key, click the box, and leave by a button."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PreferencesDialog)
        box = dialog.recent
        assert box.isChecked() is not recent
        option = QStyleOptionButton()
        box.initStyleOption(option)
        mark = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=mark.center())
        assert box.isChecked() is recent
        QTest.mouseClick(dialog.box.button(button), Qt.MouseButton.LeftButton)

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTimer.singleShot(50, answer)
    QTest.keyClick(window, Qt.Key.Key_Comma, CONTROL)


def test_a_file_opened_is_offered_by_its_name_and_opens_again(named, qtbot, named_path):
    assert offered(named) == [NAME, "Clear recent files"]
    with qtbot.waitSignal(named.session.scan_finished, timeout=10_000):
        menu_of(named).actions()[0].trigger()
    assert named.session.header.path == named_path


def test_clear_forgets_files_and_folders_on_the_disk_too(named, qtbot, settings_folder):
    named.settings.folder = str(named.session.header.path.parent)
    named.settings.write()
    assert "Quasimodo" in written(settings_folder)
    menu = menu_of(named)
    QTest.keyPress(named, Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    QTest.keyPress(QApplication.activePopupWidget(), "c")
    qtbot.waitUntil(menu.isVisible)
    with qtbot.waitSignal(named.session.recent_changed):
        QTest.keyPress(menu, "l")
    assert not menu.isEnabled()
    assert offered(named) == []
    assert named.session.recent == []
    assert "Quasimodo" not in written(settings_folder)
    assert FOLDER not in written(settings_folder)


def test_a_click_on_clear_does_it_too(named, qtbot):
    menu = menu_of(named)
    menu.popup(named.mapToGlobal(QPoint(20, 40)))
    qtbot.waitUntil(menu.isVisible)
    with qtbot.waitSignal(named.session.recent_changed):
        spot = menu.actionGeometry(menu.forget).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=spot)
    assert offered(named) == []


def test_without_a_list_nothing_of_a_path_is_written(
    named, open_window, qtbot, settings_folder, named_path
):
    prefer(named, qtbot, False)
    assert offered(named) == []
    with qtbot.waitSignal(named.session.scan_finished, timeout=10_000):
        named.session.open_paths([named_path])
    assert offered(named) == []
    # Dialogs begin where the last one ended, as long as the window is there.
    assert named.session.last_folder == named_path.parent
    named.close()
    assert FOLDER not in written(settings_folder)
    assert "Quasimodo" not in written(settings_folder)
    again = open_window()
    assert not again.session.keeps_recent
    prefer(again, qtbot, True)
    with qtbot.waitSignal(again.session.scan_finished, timeout=10_000):
        again.session.open_paths([named_path])
    assert offered(again) == [NAME, "Clear recent files"]


def test_giving_up_the_dialog_changes_nothing(named, qtbot):
    prefer(named, qtbot, False, QDialogButtonBox.StandardButton.Cancel)
    assert named.session.keeps_recent
    assert offered(named) == [NAME, "Clear recent files"]


def test_hidden_identities_take_the_names_off_the_menu_and_the_palette(named):
    named.activateWindow()
    QTest.keyClick(named, Qt.Key.Key_D, CONTROL)
    assert named.session.identities.hidden
    assert offered(named) == ["Names are hidden", "Clear recent files"]
    every = "".join(entry.path + entry.action.toolTip() for entry in menu_entries(named.menuBar()))
    assert "Quasimodo" not in every
    assert FOLDER not in every
    # It is not forgotten, and can be cleared unseen.
    QTest.keyClick(named, Qt.Key.Key_D, CONTROL)
    assert offered(named) == [NAME, "Clear recent files"]
    QTest.keyClick(named, Qt.Key.Key_D, CONTROL)
    menu_of(named).forget.trigger()
    QTest.keyClick(named, Qt.Key.Key_D, CONTROL)
    assert offered(named) == []


def test_the_folder_archived_into_is_forgotten_too(named, qtbot, settings_folder):
    named.archiving.show()
    setup = named.archiving.archive_window.setup
    setup.folder.setText(f"/archives/{FOLDER}")
    setup.remember()
    assert named.settings.text(ARCHIVE_FOLDER) == f"/archives/{FOLDER}"
    named.session.clear_recent()
    assert named.settings.text(ARCHIVE_FOLDER) == ""
    prefer(named, qtbot, False)
    setup.remember()
    named.close()
    assert FOLDER not in written(settings_folder)

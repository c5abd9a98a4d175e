"""What makes hours at the window easier: palette, keys and mouse of one's own, theme, privacy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from viewer.ui.deidentified import DeidentifiedDisplay
from viewer.ui.menu_paths import MenuEntry, menu_entries
from viewer.ui.palette import CommandPalette
from viewer.ui.preferences import PreferencesDialog
from viewer.ui.shortcuts.keymap import KeyMap
from viewer.ui.shortcuts.window import ShortcutsWindow
from viewer.ui.theme import THEMES, WINDOW_THEME, apply_theme

if TYPE_CHECKING:
    from viewer.ui.help.window import GuideWindow
    from viewer.ui.main_window import MainWindow


def _tr(text: str) -> str:
    return QCoreApplication.translate("ComfortParts", text)


class ComfortParts:
    """Connects them to the window; made once its menus are filled."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.palette = CommandPalette(lambda: menu_entries(window.menuBar()), self._why_not, window)
        kept = window.settings.text("theme", THEMES[0])
        self.show_theme(kept if kept in THEMES else THEMES[0])
        for name in THEMES:
            window.actions_by_key.on(f"theme_{name}", partial(self.choose_theme, name))
        self.keymap = KeyMap(window.actions_by_key, window.settings, window)
        self.shortcuts_window: ShortcutsWindow | None = None
        window.actions_by_key.on("shortcuts", self.show_shortcuts)
        window.actions_by_key.on("palette", lambda: self.palette.open_over(window))
        window.actions_by_key.on("preferences", self.show_preferences)
        self.guide_window: GuideWindow | None = None
        window.actions_by_key.on("guide", self.show_guide)
        self.deidentified = DeidentifiedDisplay(window)

    def choose_theme(self, name: str) -> None:
        """Change the theme at once, and remember it."""
        self.show_theme(name)
        self._window.settings.set("theme", name)
        self._window.settings.write()

    def show_theme(self, name: str) -> None:
        """Give the application a theme, unless it has it."""
        application = QApplication.instance()
        if name != WINDOW_THEME.name and isinstance(application, QApplication):
            apply_theme(application, name)
        self._window.actions_by_key[f"theme_{name}"].setChecked(True)

    def show_preferences(self) -> None:
        """Let the reader say how the mouse works and what is remembered."""
        window = self._window
        dialog = PreferencesDialog(window.session, window.panes.mouse, window)
        dialog.exec()
        dialog.deleteLater()

    def show_guide(self) -> None:
        """Show the user guide beside the window."""
        if self.guide_window is None:
            from viewer.ui.help.window import GuideWindow

            entries = menu_entries(self._window.menuBar())
            self.guide_window = GuideWindow(self._window.actions_by_key, entries, self._window)
        self.guide_window.show()
        self.guide_window.raise_()
        self.guide_window.activateWindow()

    def show_shortcuts(self) -> None:
        """Show every action with its keys."""
        if self.shortcuts_window is None:
            known = set(self._window.actions_by_key.keys())
            entries = menu_entries(self._window.menuBar())
            listed = [entry for entry in entries if entry.action.objectName() in known]
            self.shortcuts_window = ShortcutsWindow(self.keymap, listed, self._window)
        self.shortcuts_window.show()
        self.shortcuts_window.raise_()
        self.shortcuts_window.activateWindow()

    def _why_not(self, entry: MenuEntry) -> str:
        actions = self._window.actions_by_key
        key = entry.action.objectName()
        known = key in set(actions.keys())
        if known and actions.spec(key).needs_image and self._window.session.radiograph is None:
            return _tr("it needs an image; open one first")
        if key in ("export_reconstruction", "export_difference"):
            return _tr("it needs a reconstruction; compress the image first")
        return ""

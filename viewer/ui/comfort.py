"""What makes hours at the window easier: the command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewer.ui.menu_paths import MenuEntry, menu_entries
from viewer.ui.palette import CommandPalette

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class ComfortParts:
    """Connects them to the window; made once its menus are filled."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.palette = CommandPalette(lambda: menu_entries(window.menuBar()), self._why_not, window)
        window.actions_by_key.on("palette", lambda: self.palette.open_over(window))

    def _why_not(self, entry: MenuEntry) -> str:
        actions = self._window.actions_by_key
        key = entry.action.objectName()
        known = key in set(actions.keys())
        if known and actions.spec(key).needs_image and self._window.session.radiograph is None:
            return "it needs an image; open one first"
        if key in ("export_reconstruction", "export_difference"):
            return "it needs a reconstruction; compress the image first"
        return ""

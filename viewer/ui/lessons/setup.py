"""Lessons in the main window: their dock and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from viewer.session.lessons.files import lesson_paths, own_folder, read_all
from viewer.ui.docks import add_dock, show_dock
from viewer.ui.lessons.panel import LessonsPanel
from viewer.ui.lessons.runner import LessonRunner
from viewer.ui.lessons.vocabulary import vocabulary

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


class LessonParts(QObject):
    """What lessons add to a window; files are read when the dock is first looked at.

    Attributes
    ----------
    runner : LessonRunner
    panel : LessonsPanel
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._own = own_folder()
        self.runner = LessonRunner(window)
        self.panel = LessonsPanel(self.runner, self._own)
        self.dock = add_dock(
            window,
            self.tr("Lessons"),
            "lessons",
            self.panel,
            Qt.DockWidgetArea.LeftDockWidgetArea,
            shown=False,
        )
        actions, runner = window.actions_by_key, self.runner
        actions.on("lesson_next", self.go_on)
        actions.on("lesson_back", lambda: runner.go(runner.place - 1))
        actions.on("lesson_leave", runner.leave)
        actions.on("lesson_stay", lambda: runner.leave(put_back=False))
        page = self.panel.page
        for button, key in (
            (page.next, "lesson_next"),
            (page.back, "lesson_back"),
            (page.leave, "lesson_leave"),
            (page.stay, "lesson_stay"),
        ):
            button.clicked.connect(actions[key].trigger)
        self.dock.visibilityChanged.connect(self._on_shown)
        runner.changed.connect(self._show_state)
        self._show_state()

    def go_on(self) -> None:
        """Go to the next step; the last one ends the lesson, and all goes back."""
        if self.runner.is_last:
            self.runner.leave()
        else:
            self.runner.go(self.runner.place + 1)

    def read(self) -> None:
        """Read all lessons, the teacher's own too."""
        lessons, refused = read_all(lesson_paths(self._own), vocabulary())
        self.panel.list.show_lessons(lessons, refused)

    def close(self) -> None:
        """Stop what waits."""
        self.runner.close()

    def _on_shown(self, shown: bool) -> None:
        if shown and self.runner.lesson is None:
            self.read()

    def _show_state(self) -> None:
        runner, actions = self.runner, self._window.actions_by_key
        running = runner.lesson is not None
        for key in ("lesson_next", "lesson_leave", "lesson_stay"):
            actions[key].setEnabled(running)
        actions["lesson_back"].setEnabled(running and runner.place > 0)
        if running and self.dock.isHidden():
            show_dock(self._window, self.dock)

"""What stands in the Learn menu: actions by their keys, "|" for a line between them."""

from __future__ import annotations

from viewer.ui.lessons.specs import LESSON_MENU

LEARN_MENU = f"{LESSON_MENU} | inside inside_panes | spoil unspoil | reading reading_resume"

"""The actions of lessons."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

LESSON_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "lessons",
        "&Lessons",
        ("F2",),
        "Show or hide the guided lessons",
        checkable=True,
    ),
    ActionSpec("lesson_next", "&Next step", ("Ctrl+Right",), "Go on in the lesson"),
    ActionSpec("lesson_back", "Step back", ("Ctrl+Left",), "Go back in the lesson"),
    ActionSpec(
        "lesson_leave",
        "Lea&ve the lesson",
        ("Ctrl+Shift+L",),
        "Leave the lesson and put the window back as it was",
    ),
    ActionSpec(
        "lesson_stay",
        "Leave the lesson, &keep the window",
        ("Ctrl+Shift+K",),
        "Leave the lesson with the window as it is now",
    ),
)
LESSON_MENU = "lessons lesson_next lesson_back lesson_leave lesson_stay"

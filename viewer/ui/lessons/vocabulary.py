"""What lessons call the things of this window."""

from __future__ import annotations

from viewer.session.lessons.commands import Vocabulary
from viewer.session.models import TOOLS
from viewer.ui.actions import SPECS
from viewer.ui.contents import builtin as _builtin  # noqa: F401  (registers the kinds)
from viewer.ui.contents.content import INSIDE, LATEST, ORIGINAL, SAMPLED, Content
from viewer.ui.contents.kinds import kinds

_BARRED = (
    "quit", "open", "open_folder", "save", "report", "cancel", "lesson_next", "lesson_back",
    "lesson_leave", "lesson_stay", "lessons", "header", "log", "about", "guide", "deidentified",
    "delete_measurement", "delete_measurements", "undo", "redo", "copy_picture", "theme_dark",
    "theme_light", "full_screen", "second_window", "device_auto", "device_cpu", "device_cuda",
    "device_mps",
)  # fmt: skip
"""What would close the window, end the lesson, wait for an answer, change what is the reader's own
or show whose images are open."""


def contents() -> dict[str, Content]:
    """Return what panes can show, by the names lessons use."""
    pictures = {
        "original": Content(first=ORIGINAL),
        "reconstruction": Content(first=LATEST),
        "sampled": Content(first=SAMPLED),
        "inside": Content(first=INSIDE),
    }
    maps = {kind.key: Content(kind.key) for kind in kinds()}
    sampled = {f"sampled_{key}": Content(key, SAMPLED, ORIGINAL) for key in maps}
    return {**pictures, **maps, **sampled}


def vocabulary() -> Vocabulary:
    """Return the names a lesson may use in this window."""
    specs = [
        spec for spec in SPECS if spec.key not in _BARRED and not spec.text.endswith(("…", "..."))
    ]
    return Vocabulary(
        actions=[spec.key for spec in specs],
        switches=[spec.key for spec in specs if spec.checkable and not spec.group],
        contents=list(contents()),
        tools=TOOLS,
    )

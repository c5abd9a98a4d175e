"""The actions of blind reading."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

READING_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "reading",
        "&Blind reading …",
        ("Ctrl+B",),
        "Read original and codings without their names, and see what was found",
        needs_image=True,
    ),
    ActionSpec(
        "reading_resume",
        "&Resume a blind reading …",
        ("Ctrl+Shift+B",),
        "Go on with the latest blind reading that was left before its end",
        needs_image=True,
    ),
)
"""What it adds to the window."""

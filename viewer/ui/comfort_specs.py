"""The actions that make the window one's own: privacy and preferences."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

COMFORT_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "deidentified",
        "De-identified display",
        ("Ctrl+D",),
        "Keep names, numbers, dates and institutions off the screen; files stay as they are",
        checkable=True,
    ),
    ActionSpec(
        "preferences",
        "Preferences …",
        ("Ctrl+,",),
        "What each mouse button does, and whether a list of recent files is kept",
    ),
)

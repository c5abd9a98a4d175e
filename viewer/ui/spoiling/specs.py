"""The actions of the Spoil dock."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

SPOIL_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "spoil",
        "&Spoil the image first",
        ("Q",),
        "Show or hide noise, blocks, swirl, blur and gamma, applied before coding",
        checkable=True,
    ),
    ActionSpec(
        "unspoil",
        "Back to the &original",
        ("Shift+Q",),
        "Put the original back in place of the spoiled picture",
    ),
)
"""What it adds to the window."""

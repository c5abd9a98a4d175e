"""The action of the Look inside dock."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

INSIDE_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "inside",
        "Look &inside",
        ("F5",),
        "Show or hide codes, bits and partial pictures of the coding at hand",
        checkable=True,
    ),
    ActionSpec(
        "inside_panes",
        "Partial picture on the panes",
        ("Shift+F5",),
        "Show the part chosen in Look inside beside the original, and what it lacks",
        needs_image=True,
    ),
)
"""What it adds to the window."""

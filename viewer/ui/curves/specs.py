"""The actions of the curves dock."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

CURVE_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "curves",
        "Cur&ves and tables",
        ("F9",),
        "Show or hide rate against distortion, the table of the folder, published ratios",
        checkable=True,
    ),
    ActionSpec(
        "copy_picture",
        "Copy picture",
        ("Ctrl+C",),
        "Copy the pane below the mouse with its marks, without whose image it is",
        needs_image=True,
    ),
    ActionSpec(
        "report",
        "Report …",
        ("Ctrl+P",),
        "Write one page of the comparison as PDF or HTML",
        needs_image=True,
    ),
)

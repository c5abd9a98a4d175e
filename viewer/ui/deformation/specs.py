"""The actions of the deformation map."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

DEFORMATION_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "deformation",
        "De&formation map",
        ("M",),
        "Lay the downsampler's map over the original: where it puts its samples",
        "deformation",
        "Deformation",
        checkable=True,
    ),
)

"""The action of the user guide."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

HELP_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec("guide", "&User guide", ("F1",), "How the window works, with pictures"),
)

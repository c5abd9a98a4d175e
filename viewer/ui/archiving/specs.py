"""The action of the archive window."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec

ARCHIVE_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "archive_studies",
        "&Archive studies …",
        ("Ctrl+Shift+A",),
        "Archive every study of folders, an archive each, with a quality gate",
    ),
)

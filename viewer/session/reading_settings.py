"""What is asked of a blind reading, and where readings are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from viewer.evaluation.reading.plan import Candidate, Task, View


def readings_folder() -> Path:
    """Return where readings are kept: ``$RADVIEW_READINGS``, else the user's data folder."""
    named = os.environ.get("RADVIEW_READINGS", "")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("radview", appauthor=False) / "readings"


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """What is asked of a new reading; see `viewer.evaluation.reading.plan.make_plan`."""

    task: Task = "choice"
    view: View = "side"
    candidates: tuple[Candidate, ...] = ()
    repeats: int = 4
    practice: int = 3
    reader: str = ""

"""How a coding that is read is called, before and after the reading."""

from __future__ import annotations

from viewer.evaluation.reading.plan import Candidate
from viewer.ui.shown_images import codec_title


def candidate_title(candidate: Candidate) -> str:
    """Return "JPEG 2000   30 : 1"."""
    what = f"{candidate.kind} {candidate.value:g}"
    if candidate.kind == "ratio":
        what = f"{candidate.value:g} : 1"
    return f"{codec_title(candidate.codec)}   {what}"

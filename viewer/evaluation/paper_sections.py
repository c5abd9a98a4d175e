"""What the report on the papers says: a section a stage, with the papers' figures beside ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from viewer.evaluation import paper_curves, paper_studies
from viewer.evaluation.paper_section import Section


def sections(parts: dict[str, dict[str, Any]]) -> list[Section]:
    """Return the sections of what is there; a sentence stands for what is not."""
    found = []
    for name, (title, make) in _MAKERS.items():
        if name in parts:
            found.append(make(title, parts[name]))
        else:
            found.append(Section(name, title, ["This part has not been computed."]))
    return found


_MAKERS: dict[str, tuple[str, Callable[[str, dict[str, Any]], Section]]] = {
    "table": ("Codec table (Kwon et al. 2020, figure 2)", paper_curves.table),
    "rd": ("Rate and distortion", paper_curves.rd),
    "deep": ("10 to 16 bits", paper_curves.deep),
    "robustness": ("Robustness (Kwon et al. 2020, figure 3)", paper_studies.robustness),
    "classifier": ("Classifier (Kwon et al. 2020, table 1)", paper_studies.classifier),
    "detectability": ("Does detail survive?", paper_studies.detectability),
}

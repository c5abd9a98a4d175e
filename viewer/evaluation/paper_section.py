"""A section of the report on the papers, and how its cells are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Table = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report.

    Parameters
    ----------
    name : str
        Of the stage.
    title : str
    text : sequence of str
        Paragraphs before the tables: sample sizes first.
    tables : sequence of table
        Rows of cells, the first one the head.
    notes : sequence of str
        Paragraphs behind.
    caption : str
        Of the picture.
    """

    name: str
    title: str
    text: Sequence[str]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    caption: str = ""


def interval(ends: Sequence[float | None] | None, form: str) -> str:
    """Return both ends of an interval, "-" where there is none."""
    if not ends or ends[0] is None or ends[1] is None:
        return "-"
    return f"{ends[0]:{form}} .. {ends[1]:{form}}"


def number(value: float | None, form: str) -> str:
    """Return a figure, "-" where there is none."""
    return "-" if value is None else f"{value:{form}}"


def left_out(part: dict[str, Any]) -> list[str]:
    """Return a sentence for everything a part could not use."""
    return [f"Left out: {text}" for text in part.get("refused", ())]

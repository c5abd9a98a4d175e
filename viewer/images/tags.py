"""The attributes of a file as text, for the header window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tag:
    """One line of the header window.

    Parameters
    ----------
    tag : str
        "(0010,0010)", or the name of a field of a raster file.
    keyword : str
        "PatientName", "" for private attributes.
    name : str
        "Patient's Name".
    vr : str
        Value representation, "" for raster files.
    value : str
        The value as text, shortened where long or binary.
    depth : int
        Level of nesting in sequences, 0 for the file's own attributes.
    """

    tag: str
    keyword: str
    name: str
    vr: str
    value: str
    depth: int = 0


def read_tags(path: Path | str) -> list[Tag]:
    """List the attributes of a file; works on damaged files as far as they can be read.

    Raises
    ------
    ImageError
        When nothing can be read.
    """
    raise NotImplementedError

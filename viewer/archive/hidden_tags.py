"""The attributes of a file without those that could tell whose image it is, for the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from viewer.images.tags import Tag

HIDDEN = "hidden"
"""What is shown instead of a value."""

_TELLING = ("PN", "DA", "DT", "TM", "AS", "UI", "UN")
_PUBLIC_UIDS = ("SOPClassUID", "MediaStorageSOPClassUID", "TransferSyntaxUID")


def without_identity(tags: Iterable[Tag], path: Path) -> list[Tag]:
    """Put `HIDDEN` in the place of every value the Basic Profile (PS3.15 E.1-1) would touch.

    Names, dates, times, ages and UIDs go whatever attribute they are in, private and unknown
    attributes go whole, and with a sequence of the profile all that lies in it.

    Parameters
    ----------
    path : Path
        Of the file, whose name notices may hold.

    Returns
    -------
    list of Tag
        As many as there were, in the same order.
    """
    hidden: list[Tag] = []
    within: int | None = None
    for tag in tags:
        if within is not None and tag.depth <= within:
            within = None
        telling = within is not None or _tells(tag)
        if telling and within is None and tag.vr == "SQ":
            within = tag.depth
        value = HIDDEN if telling and tag.value and tag.vr != "SQ" else tag.value
        if tag.tag == "notice":
            value = value.replace(path.name, "the file").replace(path.stem, "the file")
        hidden.append(tag if value == tag.value else replace(tag, value=value))
    return hidden


def _tells(tag: Tag) -> bool:
    from viewer.archive.deidentification import profile

    number = _number(tag.tag)
    if number is None:  # a line about a raster file, or the start of an item
        return False
    if tag.keyword in _PUBLIC_UIDS:
        return False
    private = (number >> 16) % 2 == 1 or not tag.keyword
    return private or tag.vr in _TELLING or number in profile()


def _number(text: str) -> int | None:
    """Return 0x00100010 of "(0010,0010)"; None of anything else, and of items."""
    parts = text.strip("()").split(",")
    if len(parts) != 2 or parts[0] == "FFFE":
        return None
    try:
        return int(parts[0], 16) << 16 | int(parts[1], 16)
    except ValueError:
        return None

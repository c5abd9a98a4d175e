"""Attributes of a data set, read so that odd values cost the value and not the image."""

from __future__ import annotations

import re
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.multival import MultiValue

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")


class Attributes:
    """Read-only access to a `pydicom.Dataset`.

    An attribute that is missing, empty or unreadable is "", (), or None. What the data set lacks
    is looked for in the functional groups of enhanced multi-frame images (PS3.3 C.7.6.16): the
    shared ones, then those of one frame. Attributes of repeating groups are asked for by tag.

    Parameters
    ----------
    groups : bool
        Whether to look into functional groups at all.
    frame : int
        The frame whose groups count, from 0.
    """

    def __init__(self, dataset: Dataset, *, groups: bool = True, frame: int = 0) -> None:
        self.dataset = dataset
        self._groups = groups
        self._frame = frame

    def value(self, keyword: str | int) -> Any:
        """Return the value as pydicom gives it, None where there is none."""
        found = _value(self.dataset, keyword)
        if found is None and self._groups:
            for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
                found = self._group_value(name, keyword)
                if found is not None:
                    break
        return found

    def text(self, keyword: str | int) -> str:
        """Return the value as one line of text without padding."""
        found = self.value(keyword)
        if found is None:
            return ""
        if isinstance(found, bytes):
            found = found.decode("latin-1")
        parts = found if isinstance(found, MultiValue | list | tuple) else [found]
        return "\\".join(" ".join(str(part).replace("\0", " ").split()) for part in parts)

    def numbers(self, keyword: str | int) -> tuple[float, ...]:
        """Return all values that are finite numbers, in order; junk after a number is dropped."""
        return tuple(value for value in self.places(keyword) if value is not None)

    def places(self, keyword: str | int) -> tuple[float | None, ...]:
        """Return all values in their places, None for one that is no finite number.

        A comma is taken for the decimal point it was meant to be.
        """
        found = self.value(keyword)
        if found is None:
            return ()
        if isinstance(found, bytes):
            found = found.decode("latin-1").split("\\")
        parts = found if isinstance(found, MultiValue | list | tuple) else [found]
        values: list[float | None] = []
        for part in parts:
            match = _NUMBER.match(str(part).replace(",", "."))
            value = float(match.group(1)) if match else float("nan")
            values.append(value if abs(value) < float("inf") else None)
        return tuple(values)

    def number(self, keyword: str | int) -> float | None:
        """Return the first value that is a number."""
        found = self.numbers(keyword)
        return found[0] if found else None

    def integer(self, keyword: str | int) -> int | None:
        """Return the first value as an integer."""
        found = self.number(keyword)
        return None if found is None else int(found)

    def items(self, keyword: str) -> list[Attributes]:
        """Return the items of a sequence."""
        found = self.value(keyword)
        if not isinstance(found, MultiValue | list | tuple) and not hasattr(found, "__iter__"):
            return []
        if isinstance(found, str | bytes):
            return []
        return [Attributes(item, groups=False) for item in found if isinstance(item, Dataset)]

    def has(self, keyword: str) -> bool:
        """Whether the data set itself has the attribute, empty or not."""
        return keyword in self.dataset

    def _group_value(self, group: str, keyword: str | int) -> Any:
        """Look for an attribute one sequence deep in the frame's item of a functional group."""
        at = self._frame if group.startswith("PerFrame") else 0
        for frame in _items(self.dataset, group)[at : at + 1]:
            for tag in list(frame.keys()):
                try:
                    inner = frame[tag]
                except Exception:
                    continue
                if inner.VR != "SQ" or not inner.value:
                    continue
                found = _value(inner.value[0], keyword)
                if found is not None:
                    return found
        return None


def _value(dataset: Dataset, keyword: str | int) -> Any:
    """Return a value, the raw bytes where pydicom cannot convert them, None where it is empty."""
    tag = keyword if isinstance(keyword, int) else tag_for_keyword(keyword)
    if tag is None or tag not in dataset:
        return None
    try:
        value = dataset[tag].value
    except Exception:
        # Whatever a damaged element makes the parser raise, the rest of the header stands.
        try:
            value = dataset.get_item(tag).value
        except Exception:
            return None
        value = value if isinstance(value, bytes) else None
    if value is None or (isinstance(value, str | bytes | MultiValue) and len(value) == 0):
        return None
    return value


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    value = _value(dataset, keyword)
    try:
        return [item for item in value if isinstance(item, Dataset)] if value else []
    except TypeError:
        return []

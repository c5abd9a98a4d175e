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
    shared ones, then those of the first frame.
    """

    def __init__(self, dataset: Dataset, *, groups: bool = True) -> None:
        self.dataset = dataset
        self._groups = groups

    def value(self, keyword: str) -> Any:
        """Return the value as pydicom gives it, None where there is none."""
        found = _value(self.dataset, keyword)
        if found is None and self._groups:
            for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
                found = self._group_value(name, keyword)
                if found is not None:
                    break
        return found

    def text(self, keyword: str) -> str:
        """Return the value as one line of text without padding."""
        found = self.value(keyword)
        if found is None:
            return ""
        if isinstance(found, bytes):
            found = found.decode("latin-1")
        parts = found if isinstance(found, MultiValue | list | tuple) else [found]
        return "\\".join(" ".join(str(part).replace("\0", " ").split()) for part in parts)

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """Return all values that are finite numbers, in order; junk after a number is dropped."""
        found = self.value(keyword)
        if found is None:
            return ()
        if isinstance(found, bytes):
            found = found.decode("latin-1").split("\\")
        parts = found if isinstance(found, MultiValue | list | tuple) else [found]
        values = []
        for part in parts:
            match = _NUMBER.match(str(part))
            value = float(match.group(1)) if match else float("nan")
            if abs(value) < float("inf"):
                values.append(value)
        return tuple(values)

    def number(self, keyword: str) -> float | None:
        """Return the first value that is a number."""
        found = self.numbers(keyword)
        return found[0] if found else None

    def integer(self, keyword: str) -> int | None:
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

    def _group_value(self, group: str, keyword: str) -> Any:
        """Look for an attribute one sequence deep in the first item of a functional group."""
        for frame in _items(self.dataset, group)[:1]:
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


def _value(dataset: Dataset, keyword: str) -> Any:
    """Return a value, the raw bytes where pydicom cannot convert them, None where it is empty."""
    tag = tag_for_keyword(keyword)
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

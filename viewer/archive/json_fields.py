"""JSON of unknown origin -> typed values, or one sentence that says what is wrong with it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from viewer.errors import ArchiveError

TEXT_LIMIT = 10_240
"""Longest text value of a manifest, in characters; DICOM's longest used here is 1024."""

MAX_VALUES = 3_000_000
"""Most values of a document: a value takes far more memory than the two bytes it can be."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fields:
    """A JSON object whose values are asked for by name and type.

    Parameters
    ----------
    values : object
        What JSON gave; anything but an object is refused.
    where : str
        How messages call it ("manifest image 2").

    Raises
    ------
    ArchiveError
        From every method, when the value is missing, of another type or out of range.
    """

    def __init__(self, values: object, where: str) -> None:
        self.where = where
        if not isinstance(values, dict):
            raise ArchiveError(f"The archive is not valid: {where} is not a JSON object.")
        self._values: dict[str, Any] = values

    def _wrong(self, key: str, what: str) -> NoReturn:
        raise ArchiveError(f"The archive is not valid: '{key}' of {self.where} is not {what}.")

    def text(self, key: str, limit: int = TEXT_LIMIT) -> str:
        """Return a text of at most `limit` characters."""
        value = self._values.get(key)
        if not isinstance(value, str) or len(value) > limit:
            self._wrong(key, f"a text of at most {limit} characters")
        return value

    def sha256(self, key: str) -> str:
        """Return a SHA-256 in lower-case hexadecimal."""
        value = self._values.get(key)
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            self._wrong(key, "a SHA-256")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self._values.get(key)
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number in low..high."""
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._wrong(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str) -> float:
        """Return a finite number."""
        value = self._values.get(key)
        if value is None or not is_number(value):
            self._wrong(key, "a number")
        return float(value)

    def number_or_null(self, key: str) -> float | None:
        """Return a finite number, or None for null."""
        return None if self._values.get(key, 0) is None else self.number(key)

    def has(self, key: str) -> bool:
        """Whether the value is there and not null."""
        return self._values.get(key) is not None

    def fields(self, key: str) -> Fields:
        """Return the object of that name."""
        return Fields(self._values.get(key), f"'{key}' of {self.where}")

    def values(self, key: str, limit: int) -> list[Any]:
        """Return a list of at most `limit` values of any type."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) > limit:
            self._wrong(key, f"a list of at most {limit} values")
        return value

    def objects(self, key: str, limit: int) -> list[Fields]:
        """Return a list of objects."""
        values = enumerate(self.values(key, limit), 1)
        return [
            Fields(value, f"entry {number} of '{key}' of {self.where}") for number, value in values
        ]

    def texts(self, key: str, limit: int) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.values(key, limit)
        if not all(isinstance(value, str) and len(value) <= TEXT_LIMIT for value in values):
            self._wrong(key, "a list of texts")
        return tuple(values)

    def numbers(self, key: str, limit: int) -> tuple[float, ...]:
        """Return a list of finite numbers."""
        values = self.values(key, limit)
        if not all(is_number(value) for value in values):
            self._wrong(key, "a list of numbers")
        return tuple(float(value) for value in values)


def is_number(value: object) -> bool:
    """Whether a JSON value is a number that a float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def parse(data: bytes, where: str) -> Fields:
    """Parse a JSON object in UTF-8.

    Raises
    ------
    ArchiveError
        When it is not valid JSON, has a name twice or nests too deep.
    """
    if sum(data.count(mark) for mark in b",[{") > MAX_VALUES:
        raise ArchiveError(f"The archive is not valid: {where} has over {MAX_VALUES} values.")
    try:
        values = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else "not valid JSON"
        raise ArchiveError(f"The archive is not valid: {where} is {reason}.") from error
    return Fields(values, where)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def dump(values: dict[str, Any]) -> bytes:
    """Return compact JSON in ASCII: the same values always give the same bytes."""
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode("ascii")

"""Results as JSON files: whole or not at all, without what JSON cannot say."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from viewer.errors import MeasureError


def write_json(path: Path, value: Any) -> None:
    """Write JSON beside and move it into place; infinite and undefined numbers become null.

    Raises
    ------
    MeasureError
        When the file cannot be written.
    """
    text = json.dumps(_finite(value), indent=1, allow_nan=False)
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise MeasureError(f"The file {path} cannot be written: {error.strerror}.") from error


def _finite(value: Any) -> Any:
    """The same with None for what JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value

"""Archives with another manifest and hashes that fit: what a forger would make."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viewer.archive.container import MANIFEST, Container
from viewer.archive.json_fields import dump

Change = Callable[[dict[str, Any]], object]


def rebuilt(
    source: Path,
    target: Path,
    change: Change,
    raw: bytes | None = None,
    entry: Callable[[zipfile.ZipInfo], None] = lambda info: None,
) -> Path:
    """Copy an archive with another manifest and hashes that fit: what a forger would make."""
    with zipfile.ZipFile(source) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(contents.pop(MANIFEST))
    change(manifest)
    with target.open("w+b") as stream:
        container = Container(stream)
        writestr = container._zip.writestr

        def changed(info: zipfile.ZipInfo, data: bytes) -> None:
            entry(info)
            writestr(info, data)

        container._zip.writestr = changed  # type: ignore[method-assign,assignment]
        for name, data in contents.items():
            container.add(name, data)
        container.finish(container.add(MANIFEST, raw if raw is not None else dump(manifest)))
    return target


def image(manifest: dict[str, Any]) -> dict[str, Any]:
    """The record of the first image."""
    record: dict[str, Any] = manifest["images"][0]
    return record


def put(*keys: Any) -> Change:
    """Set a value deep in the manifest."""

    def change(manifest: dict[str, Any]) -> None:
        *path, last, value = keys
        place: Any = manifest
        for key in path:
            place = place[key]
        place[last] = value

    return change

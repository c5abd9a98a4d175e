"""Names of restored files: the source's stem, made safe for every file system."""

from __future__ import annotations

import re

MAX_STEM = 100
_SUFFIXES = (
    ".dcm", ".dicom", ".dic", ".ima", ".png", ".jpg", ".jpeg", ".jp2", ".j2k", ".jpf",
    ".tif", ".tiff", ".jls", ".bmp",
)  # fmt: skip
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def restored_name(source_name: str, number: int, suffix: str) -> str:
    """Return the name of a restored file: one step of a path, whatever the archive says.

    Parameters
    ----------
    source_name : str
        As kept in the archive, not trusted.
    number : int
        Of the image, for names of which nothing is left.
    suffix : str
        ".dcm" or ".png".
    """
    stem = source_name.replace("\\", "/").rsplit("/", 1)[-1]
    for known in _SUFFIXES:
        # Only endings that are known: names such as 1.2.840.113619 have dots of their own.
        if stem.lower().endswith(known):
            stem = stem[: -len(known)]
            break
    return _safe(stem, number) + suffix


def original_name(source_name: str, number: int) -> str:
    """Return the name of an original file given back: its own, made safe, ending and all."""
    return _safe(source_name.replace("\\", "/").rsplit("/", 1)[-1], number)


def _safe(stem: str, number: int) -> str:
    stem = re.sub(r"[^\w.+=@() -]", "_", stem).strip(". ")
    while len(stem.encode("utf-8")) > MAX_STEM:
        stem = stem[:-1]
    stem = stem.strip(". ")
    return f"image-{number:04d}" if not stem or _DEVICES.match(stem) else stem

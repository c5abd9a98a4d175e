"""A file of any kind -> `Header` and `Radiograph`; the kind is told by content, not by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from viewer.images.radiograph import Header, Radiograph


def read_header(path: Path | str) -> Header:
    """Read all that is known of an image without its pixels.

    Raises
    ------
    ImageError
        "<file name>: <reason>", when the file cannot be opened as an image.
    """
    raise NotImplementedError


def read_frame(header: Header, frame: int = 0) -> Radiograph:
    """Read one frame's stored pixels.

    Raises
    ------
    ImageError
        When the pixels are missing, truncated, damaged or not what the header says.
    """
    raise NotImplementedError


def read_frames(header: Header) -> Iterator[Radiograph]:
    """Yield every frame in turn (for hashes and archives of multi-frame images)."""
    for frame in range(header.frames):
        yield read_frame(header, frame)

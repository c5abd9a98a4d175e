"""Write a study archive: whole and checked, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from viewer.archive.model import CodedImage
from viewer.codecs.base import Options
from viewer.progress import NEVER, CancelToken, Progress, silent


def write_archive(
    path: Path | str,
    images: Iterable[CodedImage],
    *,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Path:
    """Write images into one archive, replacing an older file in one step.

    Every payload is read back from the disk, decoded, and its pixels' hash checked before the
    file takes its name. The file can be read by its owner alone.

    Parameters
    ----------
    path : Path
    images : iterable of CodedImage
        May be lazy: an image's bytes are held only while it is written.

    Raises
    ------
    ArchiveError
        When it cannot be written or does not read back; nothing new is left, an older file
        stands.
    Cancelled
    """
    raise NotImplementedError

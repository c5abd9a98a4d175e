"""Open a study archive: its list of contents now, its payloads when asked for."""

from __future__ import annotations

from pathlib import Path

from viewer.archive.model import StudyArchive


def read_archive(path: Path | str) -> StudyArchive:
    """Open an archive; a damaged one gives what is intact and names its problems.

    Raises
    ------
    ArchiveError
        When it is no archive, is of a newer version, or nothing in it can be found.
    """
    raise NotImplementedError

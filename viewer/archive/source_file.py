"""The file an image is coded from: its hash, its DICOM header, and whether it stays the same."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from viewer.archive.dicom_header import DicomHeader, read_dicom_header
from viewer.errors import ArchiveError
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source file as it was when coding began."""

    path: Path
    size: int
    modified: int
    sha256: str
    header: DicomHeader | None

    def check_unchanged(self, cancel: CancelToken = NEVER) -> None:
        """Refuse a file that was written to while it was coded, whatever its time says.

        Raises
        ------
        ArchiveError
        Cancelled
        """
        try:
            now = os.stat(self.path)
        except OSError as error:
            raise ArchiveError(f"{self.path.name} went away while it was coded.") from error
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            raise ArchiveError(f"{self.path.name} changed while it was coded; code it again.")
        if _sha256(self.path, cancel) != self.sha256:
            raise ArchiveError(f"{self.path.name} changed while it was coded; code it again.")


def read_source(header: Header, cancel: CancelToken = NEVER) -> SourceFile:
    """Hash the file of a header and keep what is not pixels.

    Raises
    ------
    ArchiveError, ImageError
        When it cannot be read.
    Cancelled
    """
    path = header.path
    try:
        before = os.stat(path)
    except OSError as error:
        raise ArchiveError(_unreadable(path, error)) from error
    digest = _sha256(path, cancel)
    kept = read_dicom_header(path) if header.file_format == "DICOM" else None
    return SourceFile(path, before.st_size, before.st_mtime_ns, digest, kept)


def _sha256(path: Path, cancel: CancelToken) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                cancel.check()
                digest.update(chunk)
    except OSError as error:
        raise ArchiveError(_unreadable(path, error)) from error
    return digest.hexdigest()


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}."

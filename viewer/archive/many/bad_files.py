"""Files that are in no archive, copied as they are."""

from __future__ import annotations

from pathlib import Path

from viewer.archive.atomic import new_file
from viewer.archive.file_names import original_name
from viewer.archive.many.grouping import hashed
from viewer.archive.many.one_study import FolderError
from viewer.errors import ArchiveError
from viewer.progress import NEVER, CancelToken

FOLDER = "not-archived"
_CHUNK = 4 << 20


def copy_bad(path: Path, folder: Path, *, cancel: CancelToken = NEVER) -> Path:
    """Copy a file into the folder's "not-archived", byte for byte, once.

    Its name begins with its SHA-256, so that files of one name do not collide and the same file
    is there once however often it is copied.

    Raises
    ------
    FolderError
        When the copy cannot be written.
    ArchiveError
        When the file cannot be read, or changes meanwhile.
    Cancelled
    """
    source = hashed(path, cancel)
    target = folder / FOLDER / f"{source.sha256[:16]}-{original_name(path.name, 1)}"
    if target.exists() and hashed(target, cancel).sha256 == source.sha256:
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(f"{target.parent} cannot be made: {error.strerror or error}.") from error
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ArchiveError(f"{path.name} cannot be copied: {error.strerror or error}.") from error
    with stream:
        try:
            with new_file(target) as pending:
                while chunk := stream.read(_CHUNK):
                    cancel.check()
                    pending.stream.write(chunk)
                pending.sync()
                if hashed(pending.path, cancel).sha256 != source.sha256:
                    raise ArchiveError(f"{path.name} changed while it was copied.")
        except ArchiveError as error:
            if isinstance(error.__cause__, OSError):
                raise FolderError(str(error)) from error.__cause__
            raise
    return target

"""A file that is there whole and checked, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from viewer.errors import ArchiveError

PREFIX, SUFFIX = ".radview-", ".part"
STALE_SECONDS = 3600.0
"""Age after which a temporary file whose writer is gone is cleared away."""

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "the folder may not be written",
    errno.EPERM: "the folder may not be written",
    errno.ENOENT: "its folder is not there",
    errno.ENOTDIR: "its folder is a file",
    errno.EISDIR: "a folder of that name is in the way",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EFBIG: "the disk does not take files of that size",
}


@dataclass
class PendingFile:
    """A private file beside its target, not yet under its name.

    Parameters
    ----------
    stream : binary file, open for reading and writing
    path : Path
        Where it is now.
    target : Path
        Where it goes; after the ``with`` block, where it went.
    """

    stream: IO[bytes]
    path: Path
    target: Path

    def sync(self) -> None:
        """Bring all that was written onto the disk and out of the cache, to be read back."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        if hasattr(os, "posix_fadvise"):
            # Only a hint; file systems in memory refuse it.
            with contextlib.suppress(OSError):
                os.posix_fadvise(self.stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def new_file(target: Path, *, replace: bool = True) -> Iterator[PendingFile]:
    """Write a file under another name and give it its own when the block ends well.

    The file is readable by its owner alone (mode 0600).

    Parameters
    ----------
    target : Path
    replace : bool
        Whether a file of that name is replaced; else the name gets a number: "RG1-2.dcm".

    Raises
    ------
    ArchiveError
        When the folder cannot be written or the disk is full. This or any other exception of
        the block leaves nothing behind, and an older file as it was.
    """
    if target.is_dir():
        raise ArchiveError(f"{target} cannot be written: a folder of that name is in the way.")
    try:
        clear_stale(target.parent)
        stream, temporary = _open_temporary(target.parent)
    except OSError as error:
        raise ArchiveError(_sentence(target, error)) from error
    pending = PendingFile(stream, temporary, target)
    try:
        with contextlib.closing(stream):
            _lock(stream)
            yield pending
            pending.sync()
        pending.target = _place(temporary, target, replace)
    except OSError as error:
        _remove(temporary)
        raise ArchiveError(_sentence(target, error)) from error
    except BaseException:
        _remove(temporary)
        raise
    _sync_folder(target.parent)


def clear_stale(folder: Path, age: float = STALE_SECONDS) -> None:
    """Remove temporary files of writers that were killed.

    Only files older than `age` seconds that no living process holds locked.
    """
    try:
        import fcntl
    except ImportError:  # Windows: nothing tells whether a writer lives, so nothing is removed.
        return
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if path.is_symlink() or time.time() - path.stat().st_mtime < age:
                continue
            with path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _open_temporary(folder: Path) -> tuple[IO[bytes], Path]:
    """Make a private temporary file in the folder of its target, so that renaming is one step."""
    # Its name tells nothing of the target: file names can hold identities.
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=folder)
    return os.fdopen(handle, "w+b"), Path(name)


def _lock(stream: IO[bytes]) -> None:
    """Mark the file as having a living writer; the mark ends with the process."""
    try:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):  # Windows, and network disks without locks
        pass


def _place(temporary: Path, target: Path, replace: bool) -> Path:
    """Give the finished file its name, or the next free one."""
    if replace:
        os.replace(temporary, target)
        return target
    number = 1
    while True:
        path = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        try:
            _take_name(temporary, path)
            return path
        except FileExistsError:
            number += 1


def _take_name(temporary: Path, path: Path) -> None:
    """Rename without replacing: fails with FileExistsError where the name is taken."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links: hold the name, then fill it
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring the new name onto the disk; a system that cannot open folders does it on its own."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sentence(target: Path, error: OSError) -> str:
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    return f"{target} cannot be written: {reason}."

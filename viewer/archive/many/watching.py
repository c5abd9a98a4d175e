"""A folder that studies arrive in: each is archived once its files have stopped growing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from viewer.archive.many.archiving import archive_many
from viewer.archive.many.settings import Settings
from viewer.archive.many.summary import ManySummary
from viewer.progress import NEVER, CancelToken, Progress, silent

_LONGEST_NAP = 0.5
"""Seconds between looks at whether to stop."""


class Settling:
    """Which files have not changed for a while, as seen by looking again and again.

    Parameters
    ----------
    paths : iterable of Path
        Files and folders to look at.
    folder : Path
        What lies in it is not looked at.
    seconds : float
        How long a file's size and time have to stay the same.
    """

    def __init__(self, paths: Iterable[Path | str], folder: Path, seconds: float) -> None:
        self._paths = [Path(path) for path in paths]
        self._folder = folder.resolve()
        self._seconds = seconds
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._settled: dict[Path, tuple[int, int]] = {}

    def look(self, now: float) -> bool:
        """Look at all files; return whether others are settled than at the last look."""
        seen = {}
        for path in self._files():
            try:
                found = path.stat()
            except OSError:
                continue
            state = (found.st_size, found.st_mtime_ns)
            before = self._seen.get(path)
            seen[path] = before if before and before[0] == state else (state, now)
        self._seen = seen
        settled = {p: state for p, (state, since) in seen.items() if now - since >= self._seconds}
        changed = settled != self._settled
        self._settled = settled
        return changed

    def ready(self, path: Path) -> bool:
        """Whether a file was settled at the last look.

        One that came since is not; one that lies elsewhere, unpacked from a ZIP file, is.
        """
        path = path.absolute()
        if path in self._seen:
            return path in self._settled
        return not any(path.is_relative_to(each.absolute()) for each in self._paths)

    @property
    def any(self) -> bool:
        """Whether any file is settled."""
        return bool(self._settled)

    def _files(self) -> Iterator[Path]:
        for path in self._paths:
            if not path.is_dir():
                yield path.absolute()
                continue
            for folder, folders, files in os.walk(path.absolute(), followlinks=False):
                here = Path(folder)
                folders[:] = [name for name in folders if not name.startswith(".")]
                if here.resolve() == self._folder:
                    folders.clear()
                    continue
                yield from (here / name for name in files if not name.startswith("."))


def watch(
    paths: Iterable[Path | str],
    folder: Path | str,
    settings: Settings,
    *,
    settle: float,
    on_round: Callable[[ManySummary], None],
    jobs: int = 1,
    scheduler: str = "",
    copy: bool = False,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> NoReturn:
    """Archive what arrives until cancelled.

    A study is archived when none of its files has changed for `settle` seconds since it was first
    seen; one that gets further files later is archived again with them.

    Parameters
    ----------
    settle : float
        Seconds.
    on_round : callable
        Told the summary each time something was to be archived.

    Raises
    ------
    ArchiveError
        As `archive_many` does: the folder takes no more.
    Cancelled
        Always, in the end.
    """
    listed, folder = list(paths), Path(folder)
    settling = Settling(listed, folder, settle)
    while True:
        cancel.check()
        if settling.look(time.monotonic()) and settling.any:
            on_round(
                archive_many(
                    listed,
                    folder,
                    settings,
                    jobs=jobs,
                    scheduler=scheduler,
                    copy=copy,
                    ready=settling.ready,
                    progress=progress,
                    cancel=cancel,
                )
            )
        _nap(min(5.0, max(0.1, settle / 4)), cancel)


def _nap(seconds: float, cancel: CancelToken) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        cancel.check()
        time.sleep(min(left, _LONGEST_NAP))

"""The journal of a folder of archives: a line for every finished study, brought to the disk."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from viewer.archive.many.records import Outcome, outcome_from
from viewer.errors import ArchiveError

NAME = "radview-archive.jsonl"


@dataclass
class Journal:
    """What the journal said when it was opened, and the file to add to.

    Parameters
    ----------
    stream : binary file, unbuffered
    path : Path
    entries : dict of str to dict of str to (str, Outcome)
        By study and archive: the fingerprint of the settings, and what became of it.
    """

    stream: IO[bytes]
    path: Path
    entries: dict[str, dict[str, tuple[str, Outcome]]] = field(default_factory=dict)

    def add(self, fingerprint: str, outcome: Outcome) -> None:
        """Add a finished study; when this returns it outlives a loss of power.

        Raises
        ------
        ArchiveError
            When the disk is full; the journal is as it was.
        """
        line = json.dumps({"settings": fingerprint, "study": outcome.as_dict()}) + "\n"
        start = self.stream.seek(0, os.SEEK_END)
        try:
            data = memoryview(line.encode())
            while data:
                data = data[self.stream.write(data) :]
            os.fsync(self.stream.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self.stream.truncate(start)
            reason = (error.strerror or str(error)).lower()
            raise ArchiveError(f"{self.path} cannot be written: {reason}.") from error
        self._take(fingerprint, outcome)

    def _take(self, fingerprint: str, outcome: Outcome) -> None:
        self.entries.setdefault(outcome.key, {})[outcome.archive] = (fingerprint, outcome)

    def load(self) -> None:
        """Read all entries; a last line that a kill cut short is taken away.

        Other lines that are no entries are passed over: their studies are archived again.
        """
        self.stream.seek(0)
        data = self.stream.read()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            self.stream.truncate(whole)
        for line in data[:whole].splitlines():
            try:
                entry = json.loads(line)
                if isinstance(entry, dict):
                    self._take(str(entry.get("settings")), outcome_from(entry.get("study")))
            except (ValueError, RecursionError, ArchiveError):
                continue


@contextlib.contextmanager
def open_journal(folder: Path) -> Iterator[Journal]:
    """Open the journal of a folder, made if need be, for this process alone.

    It names source files and is readable by its owner alone.

    Raises
    ------
    ArchiveError
        When the folder cannot be written, or another process archives into it.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path} cannot be written: {reason}.") from error
    with os.fdopen(handle, "r+b", buffering=0) as stream:
        _lock(stream, folder)
        journal = Journal(stream, path)
        journal.load()
        yield journal


def _lock(stream: IO[bytes], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: two runs at once do no harm, but do work twice
        return
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ArchiveError(f"Another process archives into {folder}; wait for it.") from error
    except OSError:  # a network disk without locks
        pass

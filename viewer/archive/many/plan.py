"""Which studies are finished, and under which name the others go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from viewer.archive.many.grouping import hashed
from viewer.archive.many.journal import Journal
from viewer.archive.many.records import Outcome, SourceRecord, StudyTask
from viewer.archive.reading import read_archive
from viewer.errors import ArchiveError
from viewer.progress import NEVER, CancelToken


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do.

    Parameters
    ----------
    tasks : tuple of StudyTask
    finished : tuple of Outcome
        Studies whose archive holds all files that were found.
    """

    tasks: tuple[StudyTask, ...]
    finished: tuple[Outcome, ...]


class _Sources:
    """The files of a task, hashed only when it matters."""

    def __init__(self, task: StudyTask, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._hashes: dict[str, str] = {each.path: each.sha256 for each in task.duplicates}
        self.paths = (*task.sources, *(each.path for each in task.duplicates))
        self.instances = dict(zip(task.sources, task.instances, strict=True))

    def looks(self, path: str) -> tuple[str, int, int] | None:
        try:
            found = Path(path).stat()
        except OSError:
            return None
        return path, found.st_size, found.st_mtime_ns

    def sha256(self, path: str) -> str:
        if path not in self._hashes:
            try:
                self._hashes[path] = hashed(Path(path), self._cancel).sha256
            except ArchiveError:
                self._hashes[path] = ""
        return self._hashes[path]

    def all_sha256(self) -> set[str]:
        return {self.sha256(path) for path in self.paths}


def make_plan(
    tasks: list[StudyTask],
    folder: Path,
    journal: Journal,
    fingerprint: str,
    *,
    cancel: CancelToken = NEVER,
) -> Plan:
    """Sort finished studies out.

    A study is finished when an archive made with the same settings stands that holds every file
    found now, told by path, size and time, or by hash. An archive is replaced only where all it
    holds is found now, or was changed where it lies; else the study gets a further archive,
    "study-...-2.radz", so that nothing is lost whose source is gone.

    Raises
    ------
    Cancelled
    """
    todo, finished = [], []
    for task in tasks:
        cancel.check()
        sources = _Sources(task, cancel)
        known = journal.entries.get(task.key, {})
        done = next(
            (
                outcome
                for settings, outcome in known.values()
                if settings == fingerprint
                and outcome.final
                and _stands(folder, outcome)
                and _covers(outcome.sources, sources)
            ),
            None,
        )
        if done is not None:
            finished.append(done)
        else:
            todo.append(replace(task, archive=_free_name(task, folder, known, sources)))
    return Plan(tuple(todo), tuple(finished))


def _stands(folder: Path, outcome: Outcome) -> bool:
    try:
        return (folder / outcome.archive).stat().st_size == outcome.archive_bytes
    except OSError:
        return False


def _covers(recorded: tuple[SourceRecord, ...], sources: _Sources) -> bool:
    looks = {each.looks for each in recorded}
    hashes = {each.sha256 for each in recorded}
    return all(
        sources.looks(path) in looks or sources.sha256(path) in hashes for path in sources.paths
    )


def _free_name(
    task: StudyTask,
    folder: Path,
    known: dict[str, tuple[str, Outcome]],
    sources: _Sources,
) -> str:
    number = 1
    while True:
        name = f"study-{task.key}.radz" if number == 1 else f"study-{task.key}-{number}.radz"
        if not (folder / name).exists():
            return name
        recorded = _held(known[name][1]) if name in known else _kept(folder / name)
        if recorded is not None and _replaceable(recorded, sources):
            return name
        number += 1


def _held(outcome: Outcome) -> tuple[SourceRecord, ...]:
    """Return the sources whose images are in an archive, as the journal names them."""
    bad = {each.path for each in outcome.bad}
    return tuple(each for each in outcome.sources if each.path not in bad)


def _kept(path: Path) -> tuple[SourceRecord, ...] | None:
    """Return the sources that an archive itself names, None where it cannot be read."""
    try:
        images = read_archive(path).images
    except ArchiveError:
        return None
    return tuple(SourceRecord("", image.source.size, 0, image.source.sha256) for image in images)


def _replaceable(recorded: tuple[SourceRecord, ...], sources: _Sources) -> bool:
    """Whether a new archive holds all an old one does.

    A file that has other bytes now stands for the old one only where it is the same instance:
    discs mounted one after the other have files of the same names.
    """
    others = [each for each in recorded if sources.looks(each.path) != each.looks]
    if not others:
        return True
    now = sources.all_sha256()
    return all(
        each.sha256 in now or (each.instance and sources.instances.get(each.path) == each.instance)
        for each in others
    )

"""Folders of studies -> an archive each, and what it came to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path

from viewer.archive.atomic import clear_stale
from viewer.archive.coding import usable_codec
from viewer.archive.many import cluster, pool
from viewer.archive.many.bad_files import copy_bad
from viewer.archive.many.grouping import group
from viewer.archive.many.journal import Journal, open_journal
from viewer.archive.many.one_study import FolderError
from viewer.archive.many.pace import Pace
from viewer.archive.many.plan import Plan, make_plan
from viewer.archive.many.records import BadFile, Outcome, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.many.summary import ManySummary
from viewer.archive.stages import stage
from viewer.errors import ArchiveError
from viewer.images.library import Library, scan
from viewer.progress import NEVER, CancelToken, Progress, silent

_STALE_SECONDS = 5.0
"""Age after which a file without a living writer is cleared away: no other run is in the folder."""


def _always(path: Path) -> bool:
    """Say of every file that it is complete."""
    return True


def archive_many(
    paths: Iterable[Path | str],
    folder: Path | str,
    settings: Settings,
    *,
    jobs: int = 1,
    apart: bool = False,
    scheduler: str = "",
    copy: bool = False,
    ready: Callable[[Path], bool] = _always,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> ManySummary:
    """Archive every study of files and folders into one archive each.

    Studies whose archive already holds the files found are not done again, so that a run that
    was stopped or killed goes on where it was; each finished study is noted in a journal in the
    folder. What cannot be opened or coded stops nothing.

    Parameters
    ----------
    folder : Path
        Where the archives go; what lies in it is no source.
    jobs : int
        Worker processes; with 1 all is done in this one.
    apart : bool
        Whether even one is a process of its own, and other programs go first: for a window.
    scheduler : str
        Address of a Dask scheduler whose workers do it instead, "" for none.
    copy : bool
        Whether files that could not be archived are copied into "not-archived" as they are.
    ready : callable
        Says of a file whether it is complete; a study with one that is not is left for later.

    Raises
    ------
    ArchiveError
        When there is nothing to archive, another run uses the folder, or the folder takes no
        more (a full disk), or the scheduler or its workers go away: studies finished until then
        stand, and nothing is half-written.
    CodecError
        When the codec cannot be used here.
    Cancelled
    """
    folder = Path(folder)
    usable_codec(settings.codec)
    start = time.perf_counter()
    library = scan(paths, progress=stage(progress, 0.0, 0.02, "Reading headers: "), cancel=cancel)
    inside = folder.resolve()
    headers = [each for each in library.headers if inside not in each.path.resolve().parents]
    opened_bad = _unopened(library, inside)
    opened_bad = [each for each in opened_bad if ready(Path(each.path))]
    tasks = [each for each in group(headers, cancel=cancel) if _complete(each, ready)]
    if not tasks and not opened_bad and ready is _always:
        raise ArchiveError("There is no image to archive.")
    with open_journal(folder) as journal:
        clear_stale(folder, _STALE_SECONDS)
        plan = make_plan(tasks, folder, journal, settings.fingerprint(), cancel=cancel)
        pace = Pace(
            len(plan.tasks),
            sum(map(_bytes, plan.tasks)),
            clock=lambda: time.monotonic() - cancel.paused_seconds,
        )
        report = stage(progress, 0.02, 1.0)
        notices: list[str] = []

        def on_image(size: int) -> None:
            pace.image(size)
            report(pace.fraction, pace.line())

        if scheduler:
            running = cluster.outcomes(
                plan.tasks,
                folder,
                settings,
                scheduler=scheduler,
                on_image=on_image,
                on_notice=notices.append,
                cancel=cancel,
            )
        else:
            running = pool.outcomes(
                plan.tasks,
                folder,
                settings,
                jobs=jobs,
                on_image=on_image,
                apart=apart,
                cancel=cancel,
            )
        done = _carried_out(running, plan, settings, journal, pace, report)
        speed = pace.images_per_second
        bad = [*opened_bad, *(each for outcome in (*plan.finished, *done) for each in outcome.bad)]
        if copy:
            bad = [_copied(each, folder, cancel) for each in bad]
    progress(1.0, "Archived")
    return ManySummary(
        folder,
        settings,
        (*plan.finished, *done),
        tuple(bad),
        len(plan.finished),
        time.perf_counter() - start,
        speed,
        tuple(notices),
    )


def _carried_out(
    running: Generator[Outcome, None, None],
    plan: Plan,
    settings: Settings,
    journal: Journal,
    pace: Pace,
    report: Progress,
) -> list[Outcome]:
    """Take in what becomes of each study, and note it."""
    fingerprint = settings.fingerprint()
    done: list[Outcome] = []
    try:
        # Closing it ends its processes here, not whenever the generator is collected.
        with contextlib.closing(running):
            for outcome in running:
                if outcome.archive:
                    journal.add(fingerprint, outcome)
                done.append(outcome)
                pace.study(outcome.source_bytes, outcome.archive_bytes)
                report(pace.fraction, pace.line())
    except ArchiveError as error:
        finished = len(plan.finished) + sum(bool(each.archive) for each in done)
        raise ArchiveError(
            f"{str(error).rstrip('.')}; {finished} of {len(plan.finished) + len(plan.tasks)} "
            "studies are finished and stand, the same command goes on from there."
        ) from error
    return done


def _complete(task: StudyTask, ready: Callable[[Path], bool]) -> bool:
    return all(
        ready(Path(path)) for path in (*task.sources, *(each.path for each in task.duplicates))
    )


def _unopened(library: Library, inside: Path) -> list[BadFile]:
    return [
        BadFile(str(each.path.absolute()), each.reason)
        for each in library.refusals
        if inside not in each.path.resolve().parents
    ]


def _copied(bad: BadFile, folder: Path, cancel: CancelToken) -> BadFile:
    try:
        return replace(bad, copy=str(copy_bad(Path(bad.path), folder, cancel=cancel)))
    except FolderError:
        raise
    except ArchiveError as error:
        return replace(bad, reason=f"{bad.reason} {error}")


def _bytes(task: StudyTask) -> int:
    total = 0
    for path in task.sources:
        with contextlib.suppress(OSError):
            total += Path(path).stat().st_size
    return total

"""One study -> one archive: what a worker does."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from viewer.archive.compressing import not_normative
from viewer.archive.many.gate import Gated, code_gated, describe, worst_psnr
from viewer.archive.many.grouping import hashed
from viewer.archive.many.records import BadFile, ImageRow, Outcome, SourceRecord, StudyTask
from viewer.archive.many.settings import Settings
from viewer.archive.model import CodedImage
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError, Cancelled, RadviewError
from viewer.images.opening import read_header
from viewer.progress import NEVER, CancelToken

_log = logging.getLogger(__name__)

OnImage = Callable[[int], None]
"""Told the bytes of each source file as soon as it is coded or found bad."""

_ENDS_ALL = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOENT,
        errno.ENOTDIR,
    }
)
"""What is wrong with the folder of archives itself, and would be for every other study."""


class FolderError(ArchiveError):
    """The folder of archives takes no more: the disk is full, say. It ends the run."""


def _nobody(size: int) -> None:
    """Tell nobody."""


class _Study:
    """The images of a study, coded as the writer asks for them, and what came of each."""

    def __init__(
        self, task: StudyTask, settings: Settings, on_image: OnImage, cancel: CancelToken
    ) -> None:
        self._task = task
        self._settings = settings
        self._on_image = on_image
        self._cancel = cancel
        self.rows: list[ImageRow] = []
        self.sources: list[SourceRecord] = list(task.duplicates)
        self.bad: list[BadFile] = []
        self.notices: dict[str, None] = dict.fromkeys(task.notices)

    def images(self) -> Iterator[CodedImage]:
        for name, instance in zip(self._task.sources, self._task.instances, strict=True):
            self._cancel.check()
            path = Path(name)
            try:
                modified = _modified(path)
                gated = self._code(path)
            except Cancelled:
                raise
            except RadviewError as error:
                self._refuse(path, instance, str(error))
                continue
            except MemoryError:
                self._refuse(path, instance, f"{path.name}: there is not enough memory for it.")
                continue
            except Exception as error:
                # Among thousands of files one may find a fault in any library; it stops nothing.
                # Its kind alone is told: messages can hold what the file says of a patient.
                _log.debug("unexpected failure", exc_info=True)
                kind = type(error).__name__
                self._refuse(path, instance, f"{path.name}: coding failed unexpectedly ({kind}).")
                continue
            source = gated.image.source
            self.sources.append(SourceRecord(name, source.size, modified, source.sha256, instance))
            self.rows.append(self._row(name, gated))
            if not gated.image.coding.normative:
                self.notices[not_normative(gated.image.coding.codec)] = None
            self._on_image(source.size)
            yield gated.image

    def _code(self, path: Path) -> Gated:
        settings = self._settings
        return code_gated(
            read_header(path),
            settings.codec,
            settings.target,
            settings.gate,
            keep=settings.keep,
            options=settings.options,
            cancel=self._cancel,
        )

    def _refuse(self, path: Path, instance: str, reason: str) -> None:
        if path.name not in reason:
            reason = f"{path.name}: {reason}"
        try:
            source = replace(hashed(path, self._cancel), instance=instance)
        except ArchiveError:
            source = SourceRecord(str(path), 0, 0, "", instance)
        self.sources.append(source)
        self.bad.append(BadFile(str(path), reason))
        self._on_image(source.size)

    def _row(self, name: str, gated: Gated) -> ImageRow:
        image = gated.image
        figures = [frame.figures for frame in image.frames]
        ssim = [each.ssim for each in figures if each.ssim is not None]
        ms_ssim = [each.ms_ssim for each in figures if each.ms_ssim is not None]
        return ImageRow(
            archive=self._task.archive,
            number=len(self.rows) + 1,
            source=name,
            codec=image.coding.codec,
            target=describe(image.coding.target),
            attempts=gated.attempts,
            guarantee="exact" if image.lossless else "gate" if self._settings.gate.asks else "",
            ratio=image.ratio_stored,
            psnr_db=worst_psnr(image),
            ssim=min(ssim) if ssim else None,
            ms_ssim=min(ms_ssim) if ms_ssim else None,
            max_error=max(each.max_error for each in figures),
            source_bytes=image.source.size,
            payload_bytes=image.payload_bytes,
            reason=gated.reason,
            notice=image.coding.notice,
        )


def archive_study(
    task: StudyTask,
    folder: Path,
    settings: Settings,
    *,
    on_image: OnImage = _nobody,
    cancel: CancelToken = NEVER,
) -> Outcome:
    """Code a study, write its archive whole and checked, or none.

    Images that cannot be read or coded are left out and named. Where nothing is left, or the
    archive does not read back, the outcome has no archive and all files are bad.

    Raises
    ------
    FolderError
        When the folder takes no more; an older archive stands as it was.
    Cancelled
    """
    start, spent = time.perf_counter(), time.process_time()
    study = _Study(task, settings, on_image, cancel)
    archive, size = task.archive, 0
    try:
        written = write_archive(
            folder / task.archive, study.images(), options=settings.options, cancel=cancel
        )
        size = written.stat().st_size
    except ArchiveError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _ENDS_ALL:
            raise FolderError(str(error)) from cause
        archive = ""
        bad = {each.path for each in study.bad}
        study.bad += [
            BadFile(row.source, str(error)) for row in study.rows if row.source not in bad
        ]
        study.rows.clear()
    return Outcome(
        task.key,
        archive,
        size,
        tuple(study.rows),
        tuple(study.sources),
        tuple(study.bad),
        tuple(study.notices),
        time.perf_counter() - start,
        time.process_time() - spent,
    )


def lost(task: StudyTask, reason: str) -> Outcome:
    """Return the outcome of a study whose worker went away."""
    bad = tuple(BadFile(path, f"{Path(path).name}: {reason}") for path in task.sources)
    return Outcome(task.key, "", 0, (), task.duplicates, bad, task.notices)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0

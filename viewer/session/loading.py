"""Opening files, folders and archives: headers arrive in batches while a thread reads on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.images import library as images_library
from viewer.images.library import Library, Refusal
from viewer.images.radiograph import Header
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

BATCH_INTERVAL = 0.05
"""Seconds between two deliveries of headers: a signal a file would choke the event loop."""


def scan(
    paths: tuple[Path, ...],
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> None:
    """Deliver lists of `Header`, `CodedImage` and `Refusal` as they are found.

    The first image is delivered at once, so that it can be shown before the rest is read.
    """
    batch: list[object] = []
    sent = float("-inf")

    def add(found: object) -> None:
        nonlocal sent
        batch.append(found)
        if time.perf_counter() - sent >= BATCH_INTERVAL:
            deliver(list(batch))
            batch.clear()
            sent = time.perf_counter()

    def open_archive(path: Path) -> None:
        for found in archived(path):
            cancel.check()
            add(found)

    images_library.scan(
        paths,
        on_found=add,
        on_refused=add,
        on_archive=open_archive,
        progress=progress,
        cancel=cancel,
    )
    if batch:
        deliver(batch)


def archived(path: Path) -> Iterable[object]:
    """Yield the `CodedImage`s of an archive, and a `Refusal` for what is wrong with it."""
    from viewer.archive.reading import read_archive

    try:
        archive = read_archive(path)
    except RadviewError as error:
        yield Refusal(path, str(error))
        return
    yield from archive.images
    if archive.problems:
        yield Refusal(path, f"{path.name}: {' '.join(archive.problems)}")


def prepare(*, progress: Progress, cancel: CancelToken) -> None:
    """Load what drawing and measuring need while headers are read."""
    from viewer.linking import load_opencv

    load_opencv()


@dataclass(slots=True)
class Opening:
    """One call of `open_paths`: what came of it, and whether it may still choose the image."""

    paths: tuple[Path, ...]
    job: Job
    may_select: bool = True
    opened: int = 0
    refused: int = 0


class Loading(QObject):
    """Fills a `Library` in lane "scan"."""

    library_changed = Signal()
    refused = Signal(object)
    progressed = Signal(float, str)
    finished = Signal(int, int)
    first_found = Signal(object)
    """The first header of an opening, unless an image was chosen by hand since."""
    reopened = Signal(object)
    """The path of a header that replaced an older one: its file may have changed."""
    opened = Signal(object)
    """The paths of an opening in which at least one image was found."""

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = Library()
        self._queue = queue
        self._openings: dict[int, Opening] = {}
        self._coded: dict[Path, CodedImage] = {}
        self._known: set[Path] = set()
        self._prepared = False

    @property
    def busy(self) -> bool:
        """Whether a scan is under way."""
        return bool(self._openings)

    def open_paths(self, paths: Iterable[Path | str]) -> None:
        """Scan paths behind those being scanned."""
        chosen = tuple(Path(path) for path in paths)
        if not chosen:
            return
        if not self._prepared:
            self._prepared = True
            self._queue.submit(prepare, lane="prepare", title="Preparing")
        job = self._queue.submit(
            scan, chosen, lane="scan", title="Opening", replace=False, delivers=True
        )
        number = job.generation
        self._openings[number] = Opening(chosen, job)
        job.delivered.connect(lambda batch: self._take(number, batch))
        job.progressed.connect(self.progressed)
        job.failed.connect(lambda error: self._take(number, [Refusal(chosen[0], str(error))]))
        job.finished.connect(lambda: self._end(number))

    def chosen_by_hand(self) -> None:
        """Keep what is being opened from changing the selection."""
        for opening in self._openings.values():
            opening.may_select = False

    def rewritten(self, archive: Path) -> None:
        """Read an open archive again whose file was replaced: its payloads lie elsewhere now."""
        inside = [path for path in self._coded if archive in path.parents]
        if not inside:
            return
        for path in inside:
            del self._coded[path]
            self.library.remove(path)
            self.reopened.emit(path)
        self.open_paths([archive])
        self.chosen_by_hand()

    def coded(self, header: Header) -> CodedImage | None:
        """Return the bitstreams of an image that was opened from an archive."""
        return self._coded.get(header.path)

    def original(self, header: Header) -> Header | None:
        """Return the open file that an archived image was coded from, as far as headers tell."""
        uid = header.identity.instance_uid
        if not uid or header.path not in self._coded:
            return None
        for other in self.library.headers:
            same = other.identity.instance_uid == uid and other.path not in self._coded
            if same and (other.rows, other.columns) == (header.rows, header.columns):
                return other
        return None

    def cancel(self) -> None:
        """Stop scanning; what was found stays."""
        for opening in list(self._openings.values()):
            opening.job.cancel()

    def _take(self, number: int, batch: list[object]) -> None:
        opening = self._openings[number]
        headers = []
        for found in batch:
            if isinstance(found, Refusal):
                self.library.refuse(found)
                opening.refused += 1
                self.refused.emit(found)
            else:
                headers.append(self._add(found))
        opening.opened += len(headers)
        if not headers:
            return
        self.library_changed.emit()
        if opening.may_select:
            opening.may_select = False
            self.first_found.emit(headers[0])

    def _add(self, found: object) -> Header:
        if isinstance(found, Header):
            header = found
            self._coded.pop(header.path, None)
        else:
            coded: CodedImage = found  # type: ignore[assignment]
            header = coded.decoded_header
            self._coded[header.path] = coded
        if header.path in self._known:
            self.reopened.emit(header.path)
        self._known.add(header.path)
        self.library.add(header)
        return header

    def _end(self, number: int) -> None:
        opening = self._openings.pop(number)
        if opening.opened:
            self.opened.emit(opening.paths)
        self.finished.emit(opening.opened, opening.refused)

"""The image shown: read in a thread, the latest choice wins; the next one is read ahead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.images.radiograph import Header
from viewer.jobs import Job, JobQueue
from viewer.session.cache import BoundedCache
from viewer.session.sources import FrameKey, Shown, read_shown

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

CACHE_BYTES = 512 * 1024 * 1024


def _pixel_bytes(shown: Shown) -> int:
    return int(shown.radiograph.pixels.nbytes)


class Reading(QObject):
    """Reads the chosen frame in lane "read" and keeps decoded frames within a bound.

    Parameters
    ----------
    queue : JobQueue
    coded, original : callable
        Return the bitstreams of a header that came from an archive, and the header of the file
        that it may have been coded from where that is open too; else None.
    following : callable
        Returns the header likely to be chosen after another, or None.
    """

    changing = Signal(object)
    changed = Signal(object)
    """The `Shown` frame."""
    failed = Signal(object, str)
    notice = Signal(str)

    def __init__(
        self,
        queue: JobQueue,
        coded: Callable[[Header], CodedImage | None],
        original: Callable[[Header], Header | None],
        following: Callable[[Header], Header | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.cache: BoundedCache[FrameKey, Shown] = BoundedCache(CACHE_BYTES, _pixel_bytes)
        self.header: Header | None = None
        self.frame = 0
        self.shown: Shown | None = None
        self._queue = queue
        self._coded = coded
        self._original = original
        self._following = following
        self._job: Job | None = None
        self._reading: FrameKey | None = None
        self._forgotten = False

    @property
    def busy(self) -> bool:
        """Whether the chosen frame is still being read."""
        return self.header is not None and self._reading == (self.header.path, self.frame)

    def select(self, header: Header, frame: int = 0) -> None:
        """Show a frame: at once where it is kept, else when it is read."""
        frame = min(max(frame, 0), header.frames - 1)
        key = (header.path, frame)
        chosen_already = self.header is not None and key == (self.header.path, self.frame)
        if chosen_already and not self._forgotten and (self.shown is not None or self.busy):
            return
        self._forgotten = False
        self.header, self.frame, self.shown = header, frame, None
        kept = self.cache.get(key)
        if kept is None and key != self._reading:  # else it is being read ahead
            self._read(header, frame)
        self.changing.emit(header)
        if kept is not None and self.header is header and self.frame == frame:
            self._give_up()
            self._show(kept)

    def forget(self, path: Path) -> None:
        """Drop the frames of a file that may have changed; chosen again, they are read again."""
        for key in [key for key in self.cache if key[0] == path]:
            self.cache.drop(key)
        self._forgotten = self.header is not None and self.header.path == path

    def _read(self, header: Header, frame: int) -> None:
        self._give_up()
        self._reading = (header.path, frame)
        self._job = self._queue.submit(
            read_shown,
            header,
            frame,
            self._coded(header),
            self._original(header),
            lane="read",
            title="Reading",
            delivers=True,
        )
        self._job.delivered.connect(self._on_delivered)
        self._job.succeeded.connect(self._on_read)
        self._job.failed.connect(self._on_failed)

    def _give_up(self) -> None:
        job, self._job, self._reading = self._job, None, None
        if job is not None:
            job.cancel()

    @property
    def partial(self) -> bool:
        """Whether a base picture is shown, and the rest of it is being decoded."""
        return self.shown is not None and self.shown.partial

    def _on_delivered(self, part: object) -> None:
        """Pass on a notice, or show the base picture of the frame chosen until the rest is here."""
        if isinstance(part, str):
            self.notice.emit(part)
            return
        chosen = None if self.header is None else (self.header.path, self.frame)
        if isinstance(part, Shown) and part.key == chosen and self.shown is None:
            self.shown = part
            self.changed.emit(part)

    def _on_read(self, shown: Shown) -> None:
        self._job = self._reading = None
        self.cache.put(shown.key, shown)
        if self.header is not None and shown.key == (self.header.path, self.frame):
            self._show(shown)

    def _on_failed(self, error: RadviewError) -> None:
        failed, self._job, self._reading = self._reading, None, None
        if self.header is not None and failed == (self.header.path, self.frame):
            if self.partial:
                self.shown = None  # a base picture must not stand for what could not be read
                self.changing.emit(self.header)
            self.failed.emit(self.header, str(error))

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self.changed.emit(shown)
        if self._job is None:
            self._read_ahead()

    def _read_ahead(self) -> None:
        if self.header is None:
            return
        header, frame = self.header, self.frame + 1
        if frame >= header.frames:
            following = self._following(header)
            if following is None:
                return
            header, frame = following, 0
        size = header.rows * header.columns * header.samples * header.bits_allocated // 8
        # Reading ahead must not push out what was just looked at.
        if (header.path, frame) not in self.cache and 2 * size <= self.cache.limit:
            self._read(header, frame)

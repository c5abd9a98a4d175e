"""Thumbnails, made when a row of the list is seen; the latest asked for comes first."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from viewer.errors import RadviewError
from viewer.images import display
from viewer.images.display import Picture
from viewer.images.radiograph import Header, Radiograph
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.cache import BoundedCache
from viewer.session.sources import read_radiograph

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

SIDE = 160
"""Largest side in pixels."""
CACHE_BYTES = 64 * 1024 * 1024
MAX_WAITING = 500
MAX_KEPT_SIDE = 1024
"""Largest side of a thumbnail taken from an archive."""


def make(
    header: Header,
    kept: Radiograph | None,
    coded: CodedImage | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Picture:
    """Return the thumbnail of an image's first frame."""
    radiograph = kept
    if radiograph is None and coded is not None and (picture := kept_picture(coded)) is not None:
        return picture
    if radiograph is None:
        radiograph = read_radiograph(header, 0, coded, progress, cancel, lambda notice: None)
    cancel.check()
    return display.thumbnail(radiograph, SIDE)


def kept_picture(coded: CodedImage) -> Picture | None:
    """Return the thumbnail that an archive holds, None where it holds none that can be used."""
    import imagecodecs

    try:
        png = coded.members.thumbnail()
        # Width and height stand at fixed places: nothing large is decoded.
        width, height = struct.unpack_from(">II", png, 16)
        if not (0 < width <= MAX_KEPT_SIDE and 0 < height <= MAX_KEPT_SIDE):
            return None
        picture = imagecodecs.png_decode(png)
    except (RadviewError, struct.error, imagecodecs.PngError):
        return None
    good = picture.dtype == np.uint8 and (picture.ndim == 2 or picture.shape[2:] == (3,))
    return picture if good else None


class Thumbnails(QObject):
    """Makes thumbnails one by one in lane "thumbnails".

    Parameters
    ----------
    queue : JobQueue
    coded : callable
        Returns the bitstreams of a header that came from an archive, else None.
    kept : callable
        Returns the first frame where it is decoded already, else None.
    reading : callable
        Whether the frame is being read for showing: then its thumbnail waits for `resume`.
    """

    ready = Signal(object, object)

    def __init__(
        self,
        queue: JobQueue,
        coded: Callable[[Header], CodedImage | None],
        kept: Callable[[Header], Radiograph | None],
        reading: Callable[[Header], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._made: BoundedCache[Path, Picture] = BoundedCache(
            CACHE_BYTES, lambda picture: int(picture.nbytes)
        )
        self._queue = queue
        self._coded = coded
        self._kept = kept
        self._reading = reading
        self._waiting: dict[Path, Header] = {}
        self._failed: set[Path] = set()
        self._current: tuple[Header, Job] | None = None

    def get(self, header: Header) -> Picture | None:
        """Return the thumbnail already made."""
        return self._made.get(header.path)

    def request(self, header: Header) -> None:
        """Have a thumbnail made before all that wait; asking again moves it to the front."""
        path = header.path
        made = self._made.get(path)
        if made is not None:
            self.ready.emit(header, made)
            return
        if path in self._failed or (self._current and self._current[0].path == path):
            return
        self._waiting.pop(path, None)
        self._waiting[path] = header
        if len(self._waiting) > MAX_WAITING:  # the oldest has long been scrolled away
            self._waiting.pop(next(iter(self._waiting)))
        self.resume()

    def forget(self, path: Path) -> None:
        """Drop the thumbnail of a file that may have changed."""
        self._made.drop(path)
        self._failed.discard(path)

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def resume(self) -> None:
        """Go on with what waits."""
        if self._current is not None:
            return
        for path in reversed(self._waiting):
            if not self._reading(self._waiting[path]):
                self._start(self._waiting.pop(path))
                return

    def _start(self, header: Header) -> None:
        job = self._queue.submit(
            make,
            header,
            self._kept(header),
            self._coded(header),
            lane="thumbnails",
            title="Thumbnail",
            replace=False,
        )
        self._current = (header, job)
        job.succeeded.connect(lambda picture: self._on_made(header, picture))
        job.failed.connect(lambda error: self._failed.add(header.path))
        job.finished.connect(self._on_finished)

    def _on_made(self, header: Header, picture: Picture) -> None:
        self._made.put(header.path, picture)
        self.ready.emit(header, picture)

    def _on_finished(self) -> None:
        self._current = None
        self.resume()
